// Wires the desk: what the stream says is old is fetched again; what no module owns is here.
import { register } from "../../look/js/keys.js";
import "./assistant.js";
import "./composer.js";
import { mark, refreshLists } from "./lists.js";
import { $, currentCase, refresh, show, words } from "./pieces.js";
import { answer, rings } from "./ring.js";
import "./states.js";
import { open, opened, refreshStory } from "./story.js";
import "./supervising.js";
import { hear, whenItComes } from "./underway.js";

const LOOK_MS = 30000;
const LISTS = ["lists", "mine", "waiting", "team", "mentions"];

async function changed(topics, byMe = false) {
  const old = new Set(topics), all = old.has("all"), here = currentCase();
  const any = (...names) => all || names.some((name) => old.has(name));
  if (any("ring")) refresh("ring");
  if (any("presence", "ring")) refresh("presence");
  if (any("presence", "nothing") && $("[data-nothing]")) open(location.pathname, { push: false });
  if (any(...LISTS)) refreshLists(byMe);
  if (any("team") && $("#team")) refresh("team", "outerMorph");
  if (here && any(`case:${here}`)) {
    refresh("head");
    refreshStory();
  }
  if (here && any(`protocol:${here}`, `case:${here}`)) refresh("protocol");
  if (here && (any(`side:${here}`) || old.has("customer")) && !$("#side :focus")) refresh("side");
}

document.addEventListener("netcenter:refresh", ({ detail }) => {
  if (!detail?.kind?.startsWith("offer.")) hear(detail?.topics ?? []); // that I pick it up stands on the page that I get
  changed(detail?.topics ?? ["all"]);
});
whenItComes(changed);
document.addEventListener("desk:changed", (event) => changed(event.detail.topics, true));
document.addEventListener("desk:opened", mark);
document.addEventListener("desk:opened", () => document.hidden || refresh("company"));  // says that we look, too
addEventListener("online", () => changed(["all"]));

setInterval(() => document.hidden || refresh("company"), LOOK_MS);

// Esc: out of what is being typed; then not now, while it rings; then out of the drawer.
register("Esc", words.escape, () => {
  const typing = document.activeElement;
  if (typing?.matches("input, textarea, select, #reply *")) typing.blur();
  else if (rings()) answer("decline");
  else if ($(".desk").dataset.pane === "side") show("case");
}, words.moving);
register("Alt+A", words.accept_typing, () => answer("accept"), words.ring);
register("Alt+D", words.decline_typing, () => answer("decline"), words.ring);

// Dialogs: a figure chooses, typing filters, touching a field chooses its option.
document.addEventListener("keydown", (event) => {
  const dialog = event.target.closest?.("dialog[open]");
  if (!dialog || event.target.matches("input:not([type=radio]), textarea") || event.ctrlKey || event.altKey) return;
  const hint = [...dialog.querySelectorAll("[data-pick]")].find((element) => element.textContent === event.key);
  if (!hint) return;
  event.preventDefault();
  hint.closest("label").querySelector("input").checked = true;
  dialog.querySelector(".field input")?.focus();
});
document.addEventListener("input", (event) => {
  const filter = event.target.dataset?.filter, picks = event.target.dataset?.picks;
  if (picks) event.target.closest("label").querySelector("[type=radio]").checked = true;
  if (!filter) return;
  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const options = [...event.target.closest("form").querySelectorAll(filter)];
  for (const option of options) option.hidden = !plain(option.textContent).includes(plain(event.target.value));
  const first = options.find((option) => !option.hidden);
  if (event.target.value && first) first.querySelector("input").checked = true;
});

show($(".desk").dataset.pane);
opened();
