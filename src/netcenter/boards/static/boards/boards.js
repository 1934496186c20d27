// Boards grow old when something happens: fetched anew at once, but not more often than every two seconds.
import "../live/js/live.js";

const PAUSE = 2000;

for (const part of document.querySelectorAll("[data-parts]")) {
  const wanted = new Set(part.dataset.parts.split(" "));
  let last = 0, timer = 0;
  const refresh = () => {
    // Nothing moves under the pointer: an open menu or a field in use waits.
    if (part.querySelector("details[open]") || part.contains(document.activeElement)) {
      timer = setTimeout(refresh, PAUSE);
      return;
    }
    timer = 0;
    last = Date.now();
    part.dispatchEvent(new CustomEvent("refresh"));
  };
  document.addEventListener("netcenter:refresh", ({ detail }) => {
    if (timer || !detail.topics.some((topic) => topic === "all" || wanted.has(topic))) return;
    timer = setTimeout(refresh, Math.max(150, last + PAUSE - Date.now()));
  });
}

// The wallboard turns dark by itself at night.
document.addEventListener("htmx:after:swap", () => {
  const theme = document.querySelector("[data-theme-now]")?.dataset.themeNow;
  if (theme) document.documentElement.dataset.theme = theme;
});
