// The ring: the one loud thing. It sounds in one window of the browser, shows in all, and ends the moment it is over.
import { canPush, isOn, register, turnOn } from "../../live/js/push.js";
import { now } from "../../look/js/time.js";
import { $, refresh, say, words } from "./pieces.js";

const EVERY_MS = 3000;
const host = $("#ring"), favicon = $("link[rel=icon]"), calm = favicon.getAttribute("href");
let ringing = null, title = document.title, audio = null, notice = null;

// A browser lets a page sound only after a gesture; the first one anywhere on the page will do.
function unlock() {
  audio ??= new AudioContext();
  if (audio.state === "suspended") audio.resume().then(tellSilence);
}
addEventListener("pointerdown", unlock, { passive: true });
addEventListener("keydown", unlock);

function note(frequency, at) {
  const tone = audio.createOscillator(), gain = audio.createGain();
  tone.type = "sine";
  tone.frequency.value = frequency;
  gain.gain.setValueAtTime(0, at);
  gain.gain.linearRampToValueAtTime(0.14, at + 0.03);
  gain.gain.exponentialRampToValueAtTime(0.0001, at + 0.7);
  tone.connect(gain).connect(audio.destination);
  tone.start(at);
  tone.stop(at + 0.75);
}

function sound() {
  tellSilence();
  if (host.dataset.sound !== "on" || audio?.state !== "running") return;
  note(659.26, audio.currentTime + 0.02);
  note(880, audio.currentTime + 0.24);
  navigator.vibrate?.([180, 120, 180]);
}

function tellSilence() {
  const line = $("[data-silent]", host);
  if (!line) return;
  line.textContent = words.blocked;
  line.hidden = host.dataset.sound !== "on" || audio?.state === "running";
}

// Of several windows of one browser only one sounds: whoever gets the lock.
function soundAlone(ring) {
  const loop = (done) => {
    sound();
    ring.timer = setInterval(sound, EVERY_MS);
    ring.letGo = done;
  };
  if (!navigator.locks) return loop(() => {});
  navigator.locks.request("netcenter-ring", { signal: ring.ended.signal }, () => new Promise(loop)).catch(() => {});
}

// How far it reaches over the case, whose head begins below it.
function reach() {
  const element = $(".desk-ring", host), below = $("#desk-case");
  if (!element) return;
  const over = element.getBoundingClientRect().bottom - below.getBoundingClientRect().top;
  below.style.setProperty("--ring", `${Math.max(0, Math.ceil(over))}px`);
}
const sizes = new ResizeObserver(reach);

function start(element) {
  const ring = { offer: element.dataset.offer, ended: new AbortController(), timer: 0, letGo: () => {} };
  ringing = ring;
  soundAlone(ring);
  document.title = `● ${say("rings", { name: element.dataset.name })}`;
  favicon.href = favicon.dataset.ring;
  $(".desk").dataset.ringing = "";
  reach();
  for (const sized of [element, $("#desk-case")]) sizes.observe(sized);
  if (document.hidden && globalThis.Notification?.permission === "granted") notify(element);
  // It ends here even if nobody tells us: the server has the last word, a moment later.
  const left = Date.parse(element.dataset.dueAt) - now();
  ring.over = setTimeout(() => refresh("ring"), Math.max(0, left) + 400);
  // Whoever is somewhere stays there: a key meant for a word must not answer a ring.
  if (document.activeElement === document.body) $(".ring-accept", element)?.focus({ preventScroll: true, focusVisible: false });
}

// Where Web Push is on, the service worker tells it; here only where it is not.
async function notify(element) {
  if (await isOn().catch(() => false) || element.dataset.offer !== ringing?.offer) return;
  notice = new Notification(say("rings", { name: element.dataset.name }), {
    body: element.dataset.words, tag: "ring", icon: "/static/look/icon-192.png", requireInteraction: true,
  });
  notice.onclick = () => { focus(); notice?.close(); };
}

async function unnotify() {
  notice?.close();
  notice = null;
  const worker = await navigator.serviceWorker?.getRegistration("/");
  for (const shown of await worker?.getNotifications({ tag: "ring" }) ?? []) shown.close();
}

function stop() {
  if (!ringing) return;
  ringing.ended.abort();
  clearInterval(ringing.timer);
  clearTimeout(ringing.over);
  ringing.letGo();
  sizes.disconnect();
  unnotify().catch(() => {});
  ringing = null;
  document.title = title;
  favicon.href = calm;
  delete $(".desk").dataset.ringing;
}

function sync() {
  const element = $(".desk-ring", host);
  if (element?.dataset.offer === ringing?.offer) return;
  stop();
  if (element) start(element);
}
new MutationObserver(sync).observe(host, { childList: true, subtree: true });
document.addEventListener("desk:title", (event) => {
  title = event.detail;
  if (!ringing) document.title = title;
});
document.addEventListener("desk:sound", (event) => { host.dataset.sound = event.detail.sound; });

function offerNotifications() {
  const button = $("[data-ask-notifications]");
  if (button) button.hidden = globalThis.Notification?.permission !== "default";
}
document.addEventListener("click", async (event) => {
  if (event.target.closest("[data-ask-notifications]")) {
    const on = canPush && await turnOn().catch(() => false);
    if (!on && globalThis.Notification?.permission === "default") await Notification.requestPermission();
  }
  offerNotifications();
});
offerNotifications();
register().catch(() => {}); // without it only the page itself can tell
sync();

export const answer = (which) => $(which === "accept" ? ".ring-accept" : ".ring-decline > .button", host)?.click();
export const rings = () => ringing !== null;
