// What everything else stands on: the account's settings, words, elements and icons.
// CONFIG and CSS come before this file; all files share one function scope, in the order in widget.py.

const script = document.currentScript;
const BASE = new URL(".", script.src); // https://host/chat/<account>/
const set = script.dataset;
const PAGE = set.mode === "page"; // the whole window is the chat

const LANGUAGE = [set.language, document.documentElement.lang, ...(navigator.languages || [])]
  .map((tag) => (tag || "").slice(0, 2).toLowerCase())
  .find((code) => CONFIG.words[code]) || (CONFIG.words[CONFIG.language] ? CONFIG.language : "es");
const WORDS = CONFIG.words[LANGUAGE];

function t(name, values = {}) {
  return WORDS[name].replace(/\{(\w+)\}/g, (_, key) => values[key] ?? "");
}

// Elements are built, never parsed: no innerHTML, so that a site's Trusted Types and CSP have nothing to object to.
function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

const ICONS = {
  chat: ["M2.992 16.342a2 2 0 0 1 .094 1.167l-1.065 3.29a1 1 0 0 0 1.236 1.168l3.413-.998a2 2 0 0 1 1.099.092 10 10 0 1 0-4.777-4.719"],
  down: ["m6 9 6 6 6-6"],
  close: ["M18 6 6 18", "m6 6 12 12"],
  send: ["m5 12 7-7 7 7", "M12 19V5"],
  clip: ["m16 6-8.414 8.586a2 2 0 0 0 2.829 2.829l8.414-8.586a4 4 0 1 0-5.657-5.657l-8.379 8.551a6 6 0 1 0 8.485 8.485l8.379-8.551"],
  check: ["M20 6 9 17l-5-5"],
  checks: ["M18 6 7 17l-5-5", "m22 10-7.5 7.5L13 16"],
  clock: ["M12 6v6l4 2", "M12 2a10 10 0 1 0 0 20 10 10 0 1 0 0-20"],
  alert: ["M12 8v4", "M12 16h.01", "M12 2a10 10 0 1 0 0 20 10 10 0 1 0 0-20"],
  file: ["M15 2H6a2 2 0 0 0-2 2v16a2 2 0 0 0 2 2h12a2 2 0 0 0 2-2V7Z", "M14 2v4a2 2 0 0 0 2 2h4", "M16 13H8", "M16 17H8"],
  retry: ["M3 12a9 9 0 1 0 9-9 9.75 9.75 0 0 0-6.74 2.74L3 8", "M3 3v5h5"],
  sound: ["M11 4.7a.7.7 0 0 0-1.2-.5L6.4 7.6A1.4 1.4 0 0 1 5.4 8H3a1 1 0 0 0-1 1v6a1 1 0 0 0 1 1h2.4a1.4 1.4 0 0 1 1 .4l3.4 3.4a.7.7 0 0 0 1.2-.5z", "M16 9a5 5 0 0 1 0 6", "M19.4 18.4a9 9 0 0 0 0-12.8"],
  silent: ["M11 4.7a.7.7 0 0 0-1.2-.5L6.4 7.6A1.4 1.4 0 0 1 5.4 8H3a1 1 0 0 0-1 1v6a1 1 0 0 0 1 1h2.4a1.4 1.4 0 0 1 1 .4l3.4 3.4a.7.7 0 0 0 1.2-.5z", "m22 9-6 6", "m16 9 6 6"],
};

function icon(name, size = 20) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  const attributes = {
    viewBox: "0 0 24 24", width: size, height: size, fill: "none", stroke: "currentColor", "stroke-width": 2,
    "stroke-linecap": "round", "stroke-linejoin": "round", "aria-hidden": "true",
  };
  for (const [key, value] of Object.entries(attributes)) svg.setAttribute(key, value);
  for (const d of ICONS[name]) {
    const path = document.createElementNS(space, "path");
    path.setAttribute("d", d);
    svg.append(path);
  }
  return svg;
}

const timeOf = (at) => new Intl.DateTimeFormat(LANGUAGE, { hour: "2-digit", minute: "2-digit" }).format(new Date(at));
const dayNumber = (at) => Math.floor((at.getTime() - at.getTimezoneOffset() * 60000) / 86400000);

function dayOf(at) {
  const away = dayNumber(at) - dayNumber(new Date());
  if (Math.abs(away) <= 1) return new Intl.RelativeTimeFormat(LANGUAGE, { numeric: "auto" }).format(away, "day");
  return new Intl.DateTimeFormat(LANGUAGE, { weekday: "long", day: "numeric", month: "long" }).format(at);
}

function sizeOf(bytes) {
  const [amount, unit] = bytes < 1e6 ? [Math.max(1, Math.round(bytes / 1e3)), "KB"] : [bytes / 1e6, "MB"];
  return `${new Intl.NumberFormat(LANGUAGE, { maximumFractionDigits: 1 }).format(amount)} ${unit}`;
}

const touch = () => matchMedia("(pointer: coarse)").matches;
const narrow = () => PAGE || matchMedia("(max-width: 480px)").matches;

// Dark when the page is: as told, else as its background is, else as its reader wishes and it says it can.
function isDark() {
  if (set.theme === "dark" || set.theme === "light") return set.theme === "dark";
  for (const element of [document.body, document.documentElement]) {
    const found = getComputedStyle(element).backgroundColor.match(/^rgba?\((\d+), (\d+), (\d+)(?:, ([\d.]+))?\)$/);
    if (found && Number(found[4] ?? 1) > 0.5) return found[1] * 0.3 + found[2] * 0.59 + found[3] * 0.11 < 90;
  }
  const can = getComputedStyle(document.documentElement).colorScheme;
  return can.includes("dark") && (!can.includes("light") || matchMedia("(prefers-color-scheme: dark)").matches);
}
