// What a supervisor and an operator see of each other; why a case waits; which queues are paused.
import { say as tell } from "../../look/js/flash.js";
import { $, currentCase, refresh } from "./pieces.js";

const SAYS_MS = 30000; // that one still looks on
const WAITS_MS = 20000; // how long it has waited stands in the line
const TYPED_MS = 300;

function changed(topics) {
  const old = new Set(topics), all = old.has("all"), here = currentCase();
  if (all || old.has("pauses")) refresh("pauses");
  if (!here) return;
  if (all || old.has(`case:${here}`) || old.has("beside")) {
    refresh("beside");
    refresh("watch-now");
  }
  if (["all", "pauses", "presence", `case:${here}`].some((topic) => old.has(topic))) refresh("why");
}

document.addEventListener("netcenter:refresh", (event) => changed(event.detail?.topics ?? ["all"]));
document.addEventListener("desk:changed", (event) => changed(event.detail.topics));
document.addEventListener("desk:whispered", (event) => {
  tell(event.detail.text);
  $("#whisper").value = "";
});

// Somebody types in the case that one watches: ask what, but not with every key.
let asking = 0;
document.addEventListener("netcenter:typing", (event) => {
  if (asking || String(event.detail.case ?? "") !== currentCase() || !$("#watch-now")) return;
  asking = setTimeout(() => {
    asking = 0;
    refresh("watch-now");
  }, TYPED_MS);
});

// Who leaves the page or the case looks on no more, and is said to.
const token = () => JSON.parse(document.body.getAttribute("hx-headers:inherited") ?? "{}");
let watched = null;
function left() {
  if (!watched) return;
  fetch(watched, { method: "POST", keepalive: true, headers: { "HX-Request": "true", ...token() } }).catch(() => {});
  watched = null;
}
const look = () => { watched = $("[data-watched]")?.dataset.unwatch ?? null; };
document.addEventListener("desk:leaving", left);
document.addEventListener("desk:opened", look);
addEventListener("pagehide", left);
look();

setInterval(() => {
  if (document.hidden) return;
  refresh("watch-now");
  refresh("beside");
}, SAYS_MS);
setInterval(() => document.hidden || !$("#why .why") || refresh("why"), WAITS_MS);
