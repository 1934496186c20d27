// What was heard, with the keyboard: J and K go from one to the next, one key decides.
import { register } from "../../look/js/keys.js";

const list = document.getElementById("sightings");
const group = list?.dataset.group;
let at = -1;

const all = () => [...document.querySelectorAll(".sighting")];

function go(step) {
  const rows = all();
  if (!rows.length) return;
  const here = rows.indexOf(document.activeElement?.closest?.(".sighting"));
  at = Math.max(0, Math.min(rows.length - 1, (here >= 0 ? here : at) + step));
  rows[at].focus();
  rows[at].scrollIntoView({ block: "nearest" });
}

function press(what) {
  const row = document.activeElement?.closest?.(".sighting") ?? all()[Math.max(at, 0)];
  row?.querySelector(`[data-do="${what}"]`)?.click();
}

const labels = JSON.parse(list?.dataset.keys ?? "{}");
register("J", labels.next ?? "J", () => go(1), group);
register("K", labels.previous ?? "K", () => go(-1), group);
register("C", labels.case ?? "C", () => press("case"), group);
register("X", labels.aside ?? "X", () => press("aside"), group);
register("O", labels.open ?? "O", () => press("open"), group);

// What was decided is drawn anew: the eye stays on it.
document.addEventListener("htmx:after:swap", () => {
  const rows = all();
  if (at >= 0 && rows[at] && !document.activeElement?.closest?.(".sighting")) rows[at].focus();
});
