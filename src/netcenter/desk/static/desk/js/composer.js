// Writing: drafts that survive everything, kept answers, the guard as one types, files, and one send per press.
import { say as tell } from "../../look/js/flash.js";
import { $, currentCase, post, put, say, words } from "./pieces.js";
import { close as closeChoices } from "./choices.js";
import { judge } from "./findings.js";
import { addFiles, clearFiles } from "./files.js";

const SAVE_MS = 400, RECENT_MS = 60000;
const away = new Map(); // case -> what of it is on its way to the server
let timer = 0, asked = 0, known = null; // the field whose words are restored

const form = () => $("#reply");
const field = () => $("#words");
const kept = (id) => `netcenter-draft-${id}`;
const keptAsNote = (id) => `netcenter-note-${id}`;
const note = () => form()?.dataset.mode === "note";
const sending = () => away.get(currentCase());

// --- Drafts

function later() {
  clearTimeout(timer);
  timer = setTimeout(save, SAVE_MS);
}

async function save() {
  clearTimeout(timer);
  timer = 0;
  const composer = form(), id = currentCase(), mine = ++asked;
  if (!composer || sending()) return;
  const text = field().value;
  const body = new FormData();
  body.set("text", text);
  body.set("mode", composer.dataset.mode);
  body.set("thread", chosen()?.value ?? "");
  localStorage.setItem(kept(id), text);
  try {
    const answer = await post(composer.dataset.draft, body, { keepalive: text.length < 50000 });
    if (!answer.ok) return;
    // A page that was asked for just before may still come without it.
    sessionStorage.setItem(kept(id), JSON.stringify({ text, at: Date.now() }));
    if (localStorage.getItem(kept(id)) === text) localStorage.removeItem(kept(id));
    if (mine !== asked || composer !== form() || sending()) return;
    await put($("#findings"), answer.text, "innerHTML");
    judge(text);
    flicker();
  } catch {
    // Kept in the browser; sent again with the next key or when the case is opened.
  }
}

function forget(id) {
  localStorage.removeItem(kept(id));
  localStorage.removeItem(keptAsNote(id));
  sessionStorage.removeItem(kept(id));
}

function restore() {
  known = field();
  const id = currentCase(), told = JSON.parse(sessionStorage.getItem(kept(id)) ?? "null");
  const lost = localStorage.getItem(kept(id)) ?? (told && Date.now() - told.at < RECENT_MS ? told.text : null);
  if (lost === null || lost === known.value || known.value !== known.defaultValue) return; // nothing, or typed already
  known.value = lost;
  later();
}

// Leaving the case or the page: what is not saved yet goes at once.
export function flush() {
  if (timer) save();
}

function flicker() {
  const mark = $("#saved");
  if (!field()?.value.trim()) return mark?.classList.remove("shown");
  mark.textContent = mark.dataset.text;
  mark.classList.add("shown");
  setTimeout(() => mark.classList.remove("shown"), 1500);
}

// --- Where it goes

const chosen = () => {
  const choice = $("[name=thread]", $("#where") ?? document);
  return choice?.matches("select") ? choice.selectedOptions[0] : choice;
};

// Where an answer goes changes by a person's hand alone. A list that is drawn anew under it would choose by its place
// in the list: what was meant for one would be read by all. Untouched, it is the usual way, the first; and what can no
// longer be done leaves nothing chosen, so that sending asks.
const places = new Map(); // case -> what was chosen, or what was shown when the first word was typed

function keepPlace() {
  const list = $("select[name=thread]", $("#where") ?? document);
  if (!list) return;
  const usable = [...list.options].filter((option) => !option.disabled), meant = places.get(currentCase());
  const choice = meant === undefined ? usable[0] : usable.find((option) => option.value === meant);
  list.selectedIndex = choice ? choice.index : -1;
}

function drawPlace() {
  const composer = form();
  if (!composer) return;
  keepPlace();
  const place = chosen()?.dataset.place ?? "private", send = $("[data-send='']", composer);
  composer.dataset.place = note() ? "private" : place;
  send.classList.toggle("public", !note() && place === "public");
  send.classList.toggle("private", note() || place !== "public");
  $("#send-words").textContent = sending() ? words.sending : note() ? words.note : words[place];
  for (const mark of composer.querySelectorAll("[data-where-place]")) mark.hidden = mark.dataset.wherePlace !== place;
  const then = note() ? "" : (chosen()?.dataset.then ?? ""), line = $(".where-then", composer);
  line.hidden = !then;
  $("q", line).textContent = then;
  $("[name=files]", composer).closest("label").hidden = note() || Boolean(sending()) || !Number(chosen()?.dataset.bytes ?? 0);
  drawLength();
}

function drawLength() {
  const most = Number(chosen()?.dataset.most || 0), left = most - field().value.length;
  $("#length").textContent = !note() && most && left < most * 0.2 ? say("characters", { n: left }) : "";
}

function setMode(mode) {
  const composer = form(), area = field();
  composer.dataset.mode = mode;
  area.dataset.placeholderReply ??= area.placeholder;
  area.placeholder = mode === "note" ? area.dataset.placeholderNote : area.dataset.placeholderReply;
  $(`[name=mode][value=${mode}]`, composer).checked = true;
  if (mode === "note") localStorage.setItem(keptAsNote(currentCase()), "yes");
  else localStorage.removeItem(keptAsNote(currentCase()));
  drawPlace();
}

// By a person's own press, so the focus follows; what is on its way does not change any more.
function choose(mode) {
  if (sending()) sending().chosen = mode;
  setMode(mode);
  field().focus();
  later();
}

// The mode changes by itself only under nobody's fingers: a note must not run on into an answer.
function changeMode(mode) {
  if (form().dataset.mode === mode || $(`[name=mode][value=${mode}]`, form()).disabled) return;
  if (form().contains(document.activeElement)) document.activeElement.blur();
  setMode(mode);
}

// --- Sending

// One at a time for each case. Until the answer is here the composer takes no words: none can slip into what goes out,
// none is wiped with it. It may be left, drawn again or closed meanwhile; the focus is never taken back to it.
async function send(composer) {
  const id = currentCase();
  if (sending()) return;
  flushTimer();
  closeChoices();
  keepPlace();
  const body = new FormData(composer), mode = composer.dataset.mode;
  const url = mode === "note" ? composer.dataset.note : composer.dataset.reply;
  localStorage.setItem(kept(id), field().value);
  away.set(id, { mode, chosen: null });
  drawSending();
  const answer = await post(url, body).catch(() => null);
  const { chosen } = away.get(id), done = answer?.happened["desk:sent"];
  away.delete(id);
  if (done) forget(id);
  if (currentCase() === id && form()) {
    drawSending();
    if (done) sent(done.key, chosen ?? "reply");
    else changeMode(mode);
    if (answer?.status === 422) {
      await put($("#composer-says"), answer.text, "innerHTML");
      if (form()?.contains(document.activeElement)) $("#overrule-why")?.focus(); // one says why, or mends it above
      return;
    }
  }
  if (!done) tell(words.kept, { tone: "error" });
}

function drawSending() {
  const composer = form();
  composer.toggleAttribute("data-sending", Boolean(sending()));
  composer.setAttribute("aria-busy", String(Boolean(sending())));
  field().readOnly = Boolean(sending());
  for (const button of composer.querySelectorAll("[data-send], [data-overrule]")) button.disabled = Boolean(sending());
  composer.elements.close.value = composer.elements.overrule.value = "";
  drawPlace();
}

function flushTimer() {
  clearTimeout(timer);
  timer = 0;
  asked += 1; // what the guard says of the draft comes too late now
}

function sent(key, next) {
  places.delete(currentCase());
  form().elements.key.value = key;
  field().value = "";
  form().elements.used.value = "";
  $("#findings").replaceChildren();
  judge("");
  $("#composer-says").replaceChildren();
  clearFiles();
  drawLength();
  changeMode(next);
}

// --- What happens

document.addEventListener("submit", (event) => {
  if (event.target.id !== "reply") return;
  event.preventDefault();
  if (sending()) return;
  event.target.elements.close.value = event.submitter?.dataset.send === "close" ? "1" : "";
  send(event.target);
});
document.addEventListener("click", (event) => {
  if (event.target.matches("#reply [name=mode]")) choose(event.target.value); // chosen already: it still means "here"
  if (event.target.closest("[data-overrule]") && !sending()) {
    form().elements.overrule.value = $("#overrule-why").value;
    send(form());
  }
});
// "R" is the answer, as the key sheet says; words of a note that has begun stay a note.
document.addEventListener("look:key", (event) => {
  if (event.target.id !== "words" || !note() || field().value.trim() || sending()) return;
  if (!$("[name=mode][value=reply]", form()).disabled) choose("reply");
});
document.addEventListener("input", (event) => {
  if (event.target.id !== "words") return;
  $("#composer-says").replaceChildren();
  if (!note() && !places.has(currentCase()) && chosen()) places.set(currentCase(), chosen().value);
  drawLength();
  later();
});
document.addEventListener("change", (event) => {
  if (event.target.name === "thread") {
    places.set(currentCase(), event.target.value);
    drawPlace();
    later();
  }
});
document.addEventListener("keydown", (event) => {
  if (event.target.id === "overrule-why" && event.key === "Enter") {
    event.preventDefault();
    $("[data-overrule]").click();
  }
});
const take = (files) => sending() || addFiles(files, Number(chosen()?.dataset.bytes ?? 0));
for (const kind of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(kind, (event) => {
    const composer = form();
    if (!composer || !event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    composer.classList.toggle("dragged", kind === "dragover");
    if (kind === "drop") take(event.dataTransfer.files);
  });
}
document.addEventListener("paste", (event) => {
  if (event.target.id !== "words" || !event.clipboardData.files.length) return;
  event.preventDefault();
  take(event.clipboardData.files);
});
document.addEventListener("desk:files", (event) => take(event.detail));
document.addEventListener("desk:typed", later);
document.addEventListener("desk:leaving", flush);
document.addEventListener("desk:places", drawPlace);

document.addEventListener("desk:opened", () => {
  if (!form()) return;
  if (field() !== known) {
    restore();
    known.setSelectionRange(known.value.length, known.value.length); // one goes on where the words end
  }
  const asNote = field().value.trim() && localStorage.getItem(keptAsNote(currentCase()));
  setMode(asNote ? "note" : $("[name=mode]:checked", form()).value);
  drawSending();
});
addEventListener("pagehide", flush);
