// Keeps relative times (every 30 s) and promise bars (every second) fresh, in the server's own words.
const words = JSON.parse(document.documentElement.dataset.words || "{}");
const MINUTE = 60, HOUR = 3600, DAY = 86400;
const NEAR_AT = 0.75;

// The server's clock: a desk whose own clock is wrong by minutes must still see the true time left.
let skew = 0;
export const now = () => Date.now() + skew;
export function serverSaid(isoTime) {
  const told = Date.parse(isoTime);
  if (!Number.isNaN(told)) skew = told - Date.now();
}

// Same as rules.distance: null when a date says it better.
export function ago(then, at = now()) {
  const seconds = (at - then) / 1000;
  const direction = seconds >= 0 ? "ago" : "ahead";
  const size = Math.abs(seconds);
  const say = (unit, n) => words[`${unit}_${direction}`].replace("{n}", Math.max(1, Math.round(n)));
  if (size < 45) return words.now;
  if (size < 59.5 * MINUTE) return say("minutes", size / MINUTE);
  if (size < 23.5 * HOUR) return say("hours", size / HOUR);
  if (size < 7 * DAY) return say("days", size / DAY);
  return null;
}

// Same as rules.countdown.
export function countdown(milliseconds) {
  const sign = milliseconds < 0 ? "−" : "";
  const seconds = Math.floor(Math.abs(milliseconds) / 1000);
  const days = Math.floor(seconds / DAY), hours = Math.floor((seconds % DAY) / HOUR);
  const minutes = Math.floor((seconds % HOUR) / MINUTE);
  if (days) return `${sign}${days} d ${hours} h`;
  if (hours) return `${sign}${hours} h ${String(minutes).padStart(2, "0")}`;
  return `${sign}${minutes}:${String(seconds % MINUTE).padStart(2, "0")}`;
}

function write(element, text) {
  if (element && element.textContent !== text) element.textContent = text;
}

function freshenTimes() {
  for (const element of document.querySelectorAll("time[data-ago]")) {
    const text = ago(Date.parse(element.dateTime));
    if (text !== null) write(element, text);
  }
}

function freshenBars() {
  const at = now();
  for (const promise of document.querySelectorAll("[data-due-at]")) {
    if (promise.dataset.state === "kept") continue;
    const due = Date.parse(promise.dataset.dueAt), started = Date.parse(promise.dataset.startedAt);
    const share = Math.min(1, Math.max(0, (due - at) / Math.max(1, due - started)));
    const state = due <= at ? "broken" : share <= 1 - NEAR_AT ? "near" : "running";
    if (promise.dataset.state !== state) {
      promise.dataset.state = state;
      promise.dispatchEvent(new CustomEvent("promise:state", { bubbles: true, detail: { state } }));
    }
    promise.querySelector("rect")?.setAttribute("width", state === "broken" ? 100 : (share * 100).toFixed(1));
    write(promise.querySelector("[data-left]"), countdown(due - at));
  }
}

export function freshen() {
  freshenTimes();
  freshenBars();
}

setInterval(() => document.hidden || freshenBars(), 1000);
setInterval(() => document.hidden || freshenTimes(), 30000);
document.addEventListener("visibilitychange", () => document.hidden || freshen());
freshen();
