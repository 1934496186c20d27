// Keyboard shortcuts. In HTML: data-key="A" presses that control. In a module: register("G L", label, action, group).
// data-key-always works also where the control is folded away in a <details>. "?" lists them all. Single keys are ignored while somebody types; chords with Ctrl or Alt are not.
const registered = [];
const SEQUENCE_MS = 1500;
let pending = "", pendingUntil = 0;

export function register(key, label, action, group = "") {
  const shortcut = { key, label, action, group };
  registered.push(shortcut);
  return () => registered.splice(registered.indexOf(shortcut), 1);
}

const NAMES = { " ": "Space", ArrowUp: "Up", ArrowDown: "Down", ArrowLeft: "Left", ArrowRight: "Right", Escape: "Esc" };

export function named(event) {
  const key = NAMES[event.key] ?? (event.key.length === 1 ? event.key.toUpperCase() : event.key);
  const chord = [];
  if (event.ctrlKey || event.metaKey) chord.push("Ctrl");
  if (event.altKey) chord.push("Alt");
  if (event.shiftKey && /^([A-Z]|[A-Za-z0-9]{2,})$/.test(key)) chord.push("Shift");
  return [...chord, key].join("+");
}

function typing(target) {
  if (target.checkVisibility?.() === false) return false; // its dialog is closed, and the focus has not left it yet
  return target.isContentEditable || target.matches?.("textarea, select, input:not([type=checkbox], [type=radio], [type=button], [type=submit])");
}

function reachable(element) {
  const modal = document.querySelector("dialog[open]:modal");
  const shown = "keyAlways" in element.dataset ? element.closest("details") ?? element : element;
  return !element.disabled && shown.checkVisibility() && (!modal || modal.contains(element));
}

function controls() {
  return [...document.querySelectorAll("[data-key]")].filter(reachable);
}

function find(pressed) {
  const same = (key) => key.toUpperCase() === pressed.toUpperCase();
  const control = controls().find((element) => same(element.dataset.key));
  if (control) return () => press(control);
  if (document.querySelector("dialog[open]:modal")) return null;
  return registered.findLast((shortcut) => same(shortcut.key))?.action ?? null;
}

// Who goes back to a text that has begun goes on with it: only what is typed anew, a search, is selected.
function press(control) {
  control.dispatchEvent(new Event("look:key", { bubbles: true }));
  if (control.matches(".menu > summary")) control.focus(); // its menu is gone through from here
  if (!control.matches("input, textarea, select")) return control.click();
  control.focus();
  if (control.matches("input")) control.select?.();
}

function begins(pressed) {
  const start = `${pressed} `.toUpperCase();
  return [...controls().map((element) => element.dataset.key), ...registered.map(({ key }) => key)]
    .some((key) => key.toUpperCase().startsWith(start));
}

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.defaultPrevented || ["Control", "Shift", "Alt", "Meta"].includes(event.key)) return;
  const chord = event.ctrlKey || event.metaKey || event.altKey;
  if (typing(event.target) && !chord && event.key !== "Escape") return;
  const pressed = named(event);
  const whole = pending && event.timeStamp < pendingUntil ? `${pending} ${pressed}` : pressed;
  pending = "";
  const action = find(whole) ?? find(pressed);
  if (action) {
    if (event.repeat && !["Up", "Down", "Left", "Right", "J", "K"].includes(pressed)) return;
    event.preventDefault();
    action(event);
  } else if (begins(pressed)) {
    pending = pressed;
    pendingUntil = event.timeStamp + SEQUENCE_MS;
  }
});

// The help sheet
const sheet = document.getElementById("help-sheet");

function labelOf(element) {
  return element.dataset.keyLabel || element.getAttribute("aria-label") || element.querySelector("span")?.textContent.trim() || element.textContent.trim();
}

function drawn(key) {
  const keys = document.createElement("span");
  keys.className = "keys";
  for (const part of key.split(/[+ ](?=.)/)) {
    const cap = document.createElement("kbd");
    cap.textContent = part;
    keys.append(cap);
  }
  return keys;
}

export function showHelp() {
  const groups = new Map();
  const add = (group, key, label) => groups.set(group, [...(groups.get(group) ?? []), [key, label]]);
  const seen = new Set();
  for (const element of controls()) {
    if (seen.has(element.dataset.key)) continue;
    seen.add(element.dataset.key);
    add(element.dataset.keyGroup || element.closest("[data-key-group]")?.dataset.keyGroup || sheet.dataset.other, element.dataset.key, labelOf(element));
  }
  for (const { key, label, group } of registered) { // a control that is there takes the key first
    if (!seen.has(key)) add(group || sheet.dataset.other, key, label);
  }
  for (const { dataset, content } of document.querySelectorAll("template[data-keys-then]")) { // what works on what is not open yet
    for (const element of content.querySelectorAll("[data-key]")) add(dataset.keysThen, element.dataset.key, labelOf(element));
  }
  sheet.querySelector(".help-groups").replaceChildren(...[...groups].map(([title, rows]) => {
    const section = document.createElement("section"), heading = document.createElement("h3"), list = document.createElement("ul");
    heading.textContent = title;
    list.className = "rows-plain";
    for (const [key, label] of rows) {
      const line = document.createElement("li");
      line.append(label, drawn(key));
      list.append(line);
    }
    section.append(heading, list);
    return section;
  }));
  sheet.showModal();
}

if (sheet) {
  register("?", sheet.dataset.helpLabel, showHelp, sheet.dataset.helpGroup);
  document.addEventListener("click", (event) => event.target.closest("[data-help-sheet]") && showHelp());
}
