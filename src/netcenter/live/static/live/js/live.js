// One stream of events for each browser, shared by its tabs: browsers allow six connections to a host over HTTP/1.1.
//
// Listen with  document.addEventListener("netcenter:refresh", (e) => e.detail)  -> {topics: [...], case, kind},
// or           document.addEventListener("netcenter:typing", …)  for the fleeting words named in FLEETING.
// <html data-live="on|off"> tells whether the stream runs; the event "netcenter:live" tells when that changes.
//
// The tab that holds the lock leads: it has the stream and passes everything on. When it closes, the next takes over.

const SHORTEST = 1000;
const LONGEST = 30000;
const STALE = 35000; // ms without even a beat: the wire is dead though nobody has said so
const KEPT = 60000; // ms of refreshes that a leader remembers for tabs that open meanwhile

const FLEETING = ["typing", "seen"]; // what hub.tell may say to screens

const channel = new BroadcastChannel("netcenter-live");
const opened = Date.now() - performance.now(); // when this page was asked for: it shows nothing younger
let source = null;
let leads = false;
let lastId = "";
let heardAt = 0;
let pause = SHORTEST;
let timer = 0;
let recent = []; // [when, detail]
let asked = false;

function show(on) {
  const root = document.documentElement;
  const state = on ? "on" : "off";
  if (root.dataset.live === state) return;
  root.dataset.live = state;
  document.dispatchEvent(new CustomEvent("netcenter:live", { detail: { on } }));
}

function dispatch(event, detail) {
  document.dispatchEvent(new CustomEvent(`netcenter:${event}`, { detail }));
}

function tell(event, detail) {
  if (event === "refresh") {
    const limit = Date.now() - KEPT;
    recent = recent.filter(([at]) => at > limit);
    recent.push([Date.now(), detail]);
  }
  channel.postMessage({ say: "event", event, detail, id: lastId });
  dispatch(event, detail);
}

function state(on) {
  channel.postMessage({ say: "state", on });
  show(on);
}

function here() {
  fetch("/live/here", { method: "POST", headers: { "X-Netcenter": "here" }, keepalive: true }).catch(() => {});
}

function heard(event) {
  heardAt = Date.now();
  pause = SHORTEST;
  if (event.lastEventId) lastId = event.lastEventId;
}

function connect() {
  clearTimeout(timer);
  source?.close();
  const age = (Date.now() - opened) / 1000 + 1;
  source = new EventSource(lastId ? `/events?since=${encodeURIComponent(lastId)}` : `/events?age=${age.toFixed(1)}`);
  source.onopen = () => { heardAt = Date.now(); state(true); here(); };
  source.onerror = () => {
    state(false);
    // A server that answers with an error ends an EventSource for good: then we come back by ourselves.
    if (source.readyState === EventSource.CLOSED) again();
  };
  source.addEventListener("hello", heard);
  source.addEventListener("beat", (event) => { heard(event); here(); });
  source.addEventListener("refresh", (event) => { heard(event); tell("refresh", JSON.parse(event.data)); });
  for (const fleeting of FLEETING) {
    source.addEventListener(fleeting, (event) => { heard(event); tell(fleeting, JSON.parse(event.data)); });
  }
}

function again() {
  if (!leads) return;
  source?.close();
  clearTimeout(timer);
  timer = setTimeout(connect, pause * (0.7 + 0.6 * Math.random())); // not all at once after a restart
  pause = Math.min(LONGEST, pause * 2);
}

function lead() {
  leads = true;
  connect();
  setInterval(() => {
    if (source?.readyState === EventSource.OPEN && Date.now() - heardAt > STALE) { state(false); again(); }
  }, 5000);
}

channel.addEventListener("message", ({ data }) => {
  if (data.say === "event") {
    if (data.id) lastId = data.id;
    dispatch(data.event, data.detail);
  } else if (data.say === "state") {
    show(data.on);
    if (data.on && !leads && !asked) ask();
  } else if (data.say === "ask" && leads) {
    // A tab was opened: what happened since its page was made is not on it.
    const topics = new Set(recent.filter(([at]) => at >= data.since).flatMap(([, detail]) => detail.topics));
    channel.postMessage({ say: "answer", to: data.from, topics: [...topics], on: document.documentElement.dataset.live === "on", id: lastId });
  } else if (data.say === "answer" && data.to === me) {
    asked = true;
    lastId = data.id;
    show(data.on);
    if (data.topics.length) dispatch("refresh", { topics: data.topics });
  }
});

const me = Math.random().toString(36).slice(2);
function ask() { channel.postMessage({ say: "ask", from: me, since: opened }); }

addEventListener("offline", () => { if (leads) { source?.close(); state(false); } });
addEventListener("online", () => { if (leads) { pause = SHORTEST; connect(); } });
addEventListener("pageshow", (event) => {
  // Back from the browser's memory: the page is as old as it looks.
  if (event.persisted) { dispatch("refresh", { topics: ["all"] }); if (leads) connect(); else ask(); }
});
addEventListener("pagehide", () => { if (leads) source?.close(); });

show(false);
ask();
navigator.locks.request("netcenter-live", () => new Promise(lead)); // held until the tab goes
