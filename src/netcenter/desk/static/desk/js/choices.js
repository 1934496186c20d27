// What "/" (kept answers) and "@" (colleagues, in a note) offer while one types.
import { say as tell } from "../../look/js/flash.js";
import { $, currentCase, get, words as told } from "./pieces.js";

const MOST = 8;
const known = new Map(); // case -> what it offers
let offered = [], at = 0, from = 0, asked = 0;

const list = () => $("#choices");
const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

async function offers(form) {
  const id = currentCase();
  if (!known.has(id)) known.set(id, JSON.parse((await get(form.dataset.answers).catch(() => null)) ?? "null"));
  const found = known.get(id);
  if (!found) known.delete(id);
  return found ?? { answers: [], words: [], people: [] };
}

async function look(field) {
  const mine = ++asked, form = field.form, before = field.value.slice(0, field.selectionStart);
  const note = form.dataset.mode === "note";
  const match = before.match(note ? /(?:^|\s)@([\p{L}]*)$/u : /(?:^|\s)\/([\p{L}\p{N}_-]*)$/u);
  if (!match) return close();
  const all = await offers(form), wanted = plain(match[1]);
  if (mine !== asked) return; // typed on, chosen, sent or left meanwhile
  from = before.length - match[1].length - 1;
  const choices = note ? all.people : [...all.words, ...all.answers];
  const starts = choices.filter((one) => plain(one.shortcut).startsWith(wanted));
  const holds = choices.filter((one) => !starts.includes(one) && wanted && plain(one.name).includes(wanted));
  offered = [...starts, ...holds].slice(0, MOST);
  at = 0;
  draw(note);
}

function draw(note) {
  const box = list();
  box.hidden = offered.length === 0;
  box.replaceChildren(...offered.map((one, index) => {
    const item = document.createElement("li"), name = document.createElement("span"), words = document.createElement("small");
    const key = document.createElement(note ? "strong" : "kbd");
    item.role = "option";
    item.id = `choice-${index}`;
    item.dataset.index = index;
    key.textContent = note ? one.shortcut : `/${one.shortcut}`;
    name.textContent = one.name;
    words.textContent = note ? "" : one.text;
    words.className = "truncate";
    item.append(key, name, words);
    return item;
  }));
  choose(0);
}

function choose(index) {
  at = (index + offered.length) % Math.max(1, offered.length);
  for (const item of list().children) item.setAttribute("aria-selected", String(Number(item.dataset.index) === at));
  list().children[at]?.scrollIntoView({ block: "nearest" });
  $("#words").setAttribute("aria-activedescendant", offered.length ? `choice-${at}` : "");
}

export function close() {
  asked += 1;
  offered = [];
  const box = list();
  if (box) box.hidden = true;
  $("#words")?.removeAttribute("aria-activedescendant");
}

function take(index) {
  const field = $("#words"), one = offered[index];
  close();
  put(field.form.dataset.mode === "note" ? `${one.text} ` : one.text, one.ref, from, field.selectionStart);
}

// Words go in where one is; the first blank is chosen, so that typing fills it. What was used is told when it is sent.
function put(text, ref, start, end) {
  const field = $("#words"), used = field.form.elements.used;
  if (field.readOnly) return;
  field.setRangeText(text, start, end, "end");
  const blank = text.match(/\{\{[^{}\n]*\}\}/);
  if (blank) field.setSelectionRange(start + blank.index, start + blank.index + blank[0].length);
  if (ref && used && !used.value.split(",").includes(ref)) used.value = [used.value, ref].filter(Boolean).join(",");
  field.focus();
  document.dispatchEvent(new Event("desk:typed"));
}

// Alt+W: the protocol's words. One goes in at once; several are offered.
async function offerWords() {
  const field = $("#words"), form = field.form;
  if (form.dataset.mode === "note") return;
  const mine = ++asked, { words } = await offers(form);
  if (mine !== asked) return;
  if (!words.length) return tell(told.no_words);
  if (words.length === 1) return put(words[0].text, words[0].ref, field.selectionStart, field.selectionEnd);
  field.focus();
  [offered, at, from] = [words, 0, field.selectionStart];
  draw(false);
}

document.addEventListener("input", (event) => event.target.id === "words" && look(event.target));
document.addEventListener("keydown", (event) => {
  if (event.target.id !== "words" || !offered.length || event.ctrlKey || event.isComposing) return;
  const act = {
    ArrowDown: () => choose(at + 1), ArrowUp: () => choose(at - 1), Enter: () => take(at), Tab: () => take(at),
  }[event.key];
  if (!act) return;
  event.preventDefault();
  event.stopPropagation();
  act();
}, true);
document.addEventListener("mousedown", (event) => {
  const item = event.target.closest("#choices li");
  if (!item) return;
  event.preventDefault();
  take(Number(item.dataset.index));
});
document.addEventListener("click", (event) => {
  const one = event.target.closest("[data-put]"), field = $("#words");
  const back = event.target.closest("[data-restore]");
  if (back && field && !field.readOnly && field.value.trim() !== back.dataset.restore.trim()) put(back.dataset.restore, "", 0, field.value.length);
  else if (back) field?.focus();
  else if (event.target.closest("[data-protocol-words]")) offerWords();
  else if (one && field && field.form.dataset.mode !== "note") put(one.dataset.put, one.dataset.ref, field.selectionStart, field.selectionEnd);
});
// What is offered is asked for again once the case, its protocol or the answers have changed.
for (const changed of ["desk:changed", "netcenter:refresh"]) {
  document.addEventListener(changed, (event) => {
    const old = event.detail?.topics ?? ["all"];
    if (old.some((topic) => ["all", "settings"].includes(topic) || topic.startsWith("protocol:"))) known.clear();
  });
}
// A press on a choice keeps the focus where it is: who leaves the field leaves the choices, by Escape too.
document.addEventListener("focusout", (event) => event.target.id === "words" && close());
