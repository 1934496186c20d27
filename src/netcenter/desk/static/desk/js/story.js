// One case: opening it, keeping its story fresh without losing one's place, and leaving it.
import { say as tell } from "../../look/js/flash.js";
import { $, currentCase, get, put, refresh, say, show, words } from "./pieces.js";
import { asked as onItsWay, came } from "./underway.js";

const place = $("#desk-case");
let opening = 0;

const atFoot = (story) => story.scrollHeight - story.scrollTop - story.clientHeight < 80;
const toFoot = (story) => { story.scrollTop = story.scrollHeight; };

// A ring takes its room from above: the words stay where they are.
let height = 0, foot = 0;
const sizes = new ResizeObserver(([{ target }]) => {
  const before = height, low = foot;
  height = target.clientHeight;
  foot = target.getBoundingClientRect().bottom;
  const shrunk = before - height, below = target.scrollHeight - target.scrollTop - height;
  if (before && foot === low && (shrunk > 0 || below >= 1)) target.scrollTop += shrunk;
});

function stand(story) {
  sizes.disconnect();
  height = 0;
  sizes.observe(story);
  toFoot(story);
}

export function opened() {
  const story = $("#story");
  if (story) stand(story);
  const name = $(".case")?.dataset.name;
  document.dispatchEvent(new CustomEvent("desk:title", { detail: name ? `${name} · Netcenter` : "Netcenter" }));
  document.dispatchEvent(new Event("desk:opened"));
}

export async function open(url, { push = true } = {}) {
  const asked = ++opening;
  onItsWay(asked);
  place.setAttribute("aria-busy", "true");
  let html = null;
  try {
    html = await get(url);
  } catch {
    tell($("#flash").dataset.offline, { tone: "error" });
  }
  if (asked !== opening) return came(asked);
  place.removeAttribute("aria-busy");
  if (html === null) return came(asked);
  if (push && new URL(url, location).pathname !== location.pathname) history.pushState({ desk: true }, "", url);
  await put(place, html, "innerHTML");
  came(asked);
  show(currentCase() ? "case" : "list");
  opened();
}

// The same case changes where it differs, under the hands of who writes in it. Another one takes the place whole, and
// the focus out of it: words for one customer never run on into the answer to another.
document.addEventListener("htmx:before:swap", (event) => {
  const task = event.detail.tasks?.find(({ target }) => target === place);
  if (!task || task.swapSpec.style === "none") return; // an answer that draws nothing leaves what is open as it is
  opening += 1; // what is still on its way was asked for before this, and must not take its place
  place.removeAttribute("aria-busy");
  document.dispatchEvent(new Event("desk:leaving"));
  const coming = task.fragment.querySelector(".case")?.dataset.case;
  if (coming && coming === currentCase()) task.swapSpec.style = "innerMorph";
  else if (place.contains(document.activeElement)) document.activeElement.blur();
});

addEventListener("popstate", () => open(location.pathname, { push: false }));

export async function refreshStory() {
  const story = $("#story"), now = $("#story-now");
  if (!now) return;
  const known = new Set([...now.querySelectorAll(".turn[id]")].map((turn) => turn.id));
  const unfolded = [...now.querySelectorAll("details[open]")].map((details) => details.id).filter(Boolean);
  const threads = now.querySelector("[data-threads]")?.dataset.threads, low = atFoot(story);
  await refresh("story-now");
  for (const id of unfolded) document.getElementById(id)?.setAttribute("open", "");
  const fresh = [...now.querySelectorAll(".turn[id]")].filter((turn) => !known.has(turn.id));
  const theirs = fresh.filter((turn) => turn.matches(".turn-theirs"));
  theirs.forEach((turn) => turn.classList.add("turn-fresh"));
  if (now.querySelector("[data-threads]")?.dataset.threads !== threads) await refresh("where");
  document.dispatchEvent(new Event("desk:places"));
  if (low || fresh.some((turn) => turn.matches(".turn-ours, .turn-note"))) toFoot(story);
  else if (theirs.length) {
    const below = $("#story-new");
    below.querySelector("span").textContent = say("new", { n: theirs.length });
    below.hidden = false;
  }
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-case]");
  if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey && event.button === 0) {
    event.preventDefault();
    link.closest("dialog")?.close();
    open(link.href);
  }
  const pane = event.target.closest("[data-show]");
  if (pane) show(pane.dataset.show);
  if (event.target.closest("#story-new")) toFoot($("#story"));
});
document.addEventListener("scroll", (event) => {
  if (event.target.id === "story" && atFoot(event.target)) $("#story-new").hidden = true;
}, true);

document.addEventListener("htmx:after:swap", (event) => {
  if (event.target.matches?.(".turn-formatted")) event.target.scrollIntoView({ block: "nearest" });
});

// A live customer who writes: a fleeting word, so it ends by itself.
let quiet = 0;
document.addEventListener("netcenter:typing", (event) => {
  const line = $("#typing"), here = $("#seen")?.dataset.threads.split(",") ?? [];
  if (!line || !here.includes(String(event.detail.thread))) return;
  clearTimeout(quiet);
  line.hidden = !event.detail.on;
  quiet = setTimeout(() => { line.hidden = true; }, 6000);
});

// The answers of the verbs
document.addEventListener("desk:open", (event) => open(event.detail.url));
document.addEventListener("desk:go", (event) => {
  tell(event.detail.text);
  open(event.detail.url);
});
document.addEventListener("desk:accepted", (event) => {
  history.pushState({ desk: true }, "", event.detail.url);
  show("case");
  opened();
});
document.addEventListener("desk:saved", () => tell(words.kept_note));
document.addEventListener("desk:says", (event) => tell(event.detail.text));
