// The limited seat: when what was asked is over, or the list is old, the page is made again.
import "../../look/js/look.js";
import { judge } from "./findings.js";

document.addEventListener("seat:over", () => location.reload());
document.addEventListener("netcenter:refresh", (event) => {
  const kind = event.detail?.kind ?? "";
  // A reminder changes nothing that the page shows; it is only said (handing_on.js).
  if (kind.startsWith("referral.") && kind !== "referral.reminded" && !document.querySelector("#words")) location.reload();
});

// What is judged is what was sent: words typed meanwhile are judged by the next answer.
let sent = "";
document.addEventListener("htmx:before:request", (event) => {
  if (event.target.id === "words") sent = event.target.value;
});
document.addEventListener("htmx:after:swap", () => judge(sent));
