// The left column. Nothing moves under the pointer: what is new waits until the list is let go, or asked for.
import { register } from "../../look/js/keys.js";
import { $, currentCase, get, put, say, words } from "./pieces.js";
import { open } from "./story.js";

const lists = $("#lists"), fresh = $("#new-rows"), search = $("#search");
let held = null, asking = 0;

const rows = (inside) => [...inside.querySelectorAll(".desk-row")];
// In use: the pointer moves there, or the keyboard goes through it. One that only rests after a press uses nothing.
const USED_MS = 4000;
let usedAt = 0, settle = 0;
const inUse = () => (lists.matches(":hover") && Date.now() - usedAt < USED_MS) || Boolean($(":focus-visible", lists));
for (const use of ["pointermove", "pointerdown", "wheel"]) {
  lists.addEventListener(use, () => (usedAt = Date.now()), { passive: true });
}

export function mark() {
  for (const row of rows(lists)) {
    if (row.dataset.case === currentCase() && !row.matches(".desk-mention")) row.setAttribute("aria-current", "page");
    else row.removeAttribute("aria-current");
  }
}

async function apply(html) {
  held = null;
  fresh.hidden = true;
  await put(lists, html);
  mark();
}

export async function refreshLists(byMe = false) {
  const asked = ++asking, words = search.value.trim();
  const url = words ? `${lists.dataset.url}?q=${encodeURIComponent(words)}` : lists.dataset.url;
  const html = await get(url).catch(() => null);
  if (html === null || asked !== asking) return;
  const parsed = new DOMParser().parseFromString(html, "text/html");
  const shown = rows(lists).map((row) => row.id), coming = rows(parsed).map((row) => row.id);
  if (byMe || !inUse() || shown.join() === coming.join()) return apply(html);
  held = html;
  const count = coming.filter((id) => !shown.includes(id)).length;
  fresh.hidden = count === 0;
  fresh.textContent = say("new", { n: count });
  again();
}

function again() {
  clearTimeout(settle);
  settle = setTimeout(() => (inUse() ? again() : release()), USED_MS / 4);
}

const release = () => held !== null && apply(held);
lists.addEventListener("mouseleave", release);
lists.addEventListener("focusout", () => setTimeout(() => inUse() || release()));
fresh.addEventListener("click", release);

let typing = 0;
search.addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(() => refreshLists(true), 120);
});
search.form.addEventListener("submit", (event) => {
  event.preventDefault();
  const first = rows(lists)[0];
  if (search.value.trim() && first) open(first.href);
});
search.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    event.stopPropagation();
    search.value = "";
    search.blur();
    refreshLists(true);
  } else if (event.key === "ArrowDown") {
    event.preventDefault();
    rows(lists)[0]?.focus();
  }
});
lists.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const all = rows(lists), at = all.indexOf(document.activeElement);
  (all[at + step] ?? (step < 0 ? search : null))?.focus();
});

function move(step) {
  const all = rows(lists), at = all.findIndex((row) => row.hasAttribute("aria-current"));
  const row = all[at < 0 ? (step > 0 ? 0 : all.length - 1) : at + step];
  if (!row) return;
  row.scrollIntoView({ block: "nearest" });
  open(row.href);
}
register("J", words.next, () => move(1), words.moving);
register("K", words.previous, () => move(-1), words.moving);
mark();
