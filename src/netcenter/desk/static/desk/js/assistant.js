// The assistant: asked by a press, its draft goes into an empty field; over a person's words it only offers itself.
import { $, currentCase, post, put, show } from "./pieces.js";

const panel = () => $("#assistant");
const noting = () => $("#reply")?.dataset.mode === "note";
let asking = null; // the case for which it is being asked

async function ask(button) {
  const form = button.form, id = currentCase();
  if (asking || noting()) return;
  const body = new FormData();
  body.set("thread", $("[name=thread]", form)?.value ?? "");
  asking = id;
  button.setAttribute("aria-busy", "true");
  panel().replaceChildren($("#assistant-asked").content.cloneNode(true));
  const answer = await post(button.dataset.assist, body).catch(() => null);
  asking = null;
  $("[data-assist]")?.removeAttribute("aria-busy");
  if (currentCase() !== id || !panel()) return; // opened again, the case shows it
  await put(panel(), answer && (answer.ok || answer.status === 422) ? answer.text : "", "innerHTML");
  if (answer?.ok && !$("#words").value.trim() && !noting()) $("[data-assistant-put]").click();
}

// To where it stands: in the story, or beside it; on a telephone that is another pane.
function lead(id) {
  const there = document.getElementById(id);
  if (!there) return;
  if (!there.checkVisibility()) show(there.closest("#side") ? "side" : "case");
  there.scrollIntoView({ block: "center" });
  there.classList.add("led-to");
  setTimeout(() => there.classList.remove("led-to"), 2000);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-assist]"), source = event.target.closest("[data-source]");
  if (button) ask(button);
  else if (source) lead(source.dataset.source);
  else if (event.target.closest("[data-assistant-put]")) event.target.closest(".assistant").toggleAttribute("data-in", !noting());
  else if (event.target.closest("[data-assistant-away]")) panel().replaceChildren();
});
document.addEventListener("desk:sent", () => panel()?.replaceChildren());
