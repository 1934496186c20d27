// The pieces of the desk: each is fetched again alone, by its own address, and changed where it differs.
const main = document.querySelector(".desk");
export const words = JSON.parse(main.dataset.words);
export const say = (word, values = {}) => words[word].replace(/\{(\w+)\}/g, (_all, name) => values[name]);
export const $ = (selector, inside = document) => inside.querySelector(selector);
export const currentCase = () => $(".case")?.dataset.case ?? null;

const token = () => JSON.parse(document.body.getAttribute("hx-headers:inherited") ?? "{}");

export async function get(url) {
  const answer = await fetch(url, { headers: { "HX-Request": "true" } });
  return answer.ok ? answer.text() : null;
}

export async function put(target, html, swap = "innerMorph") {
  await htmx.swap({ sourceElement: target, target, text: html || "<!-- -->", swap });
}

// A verb. What happened is told as events, the same ones that htmx would fire, and to who asked.
export async function post(url, body, more = {}) {
  const answer = await fetch(url, { method: "POST", body, headers: { "HX-Request": "true", ...token() }, ...more });
  const happened = JSON.parse(answer.headers.get("HX-Trigger") ?? "{}");
  for (const [name, detail] of Object.entries(happened)) document.dispatchEvent(new CustomEvent(name, { detail }));
  return { ok: answer.ok, status: answer.status, happened, text: answer.status === 204 ? "" : await answer.text() };
}

// Refreshes of one piece never overlap, and many wishes at once are one.
const busy = new Map();
export async function refresh(id, swap = "innerMorph") {
  const piece = document.getElementById(id);
  if (!piece?.dataset.url) return false;
  if (busy.has(piece)) {
    busy.set(piece, true);
    return false;
  }
  busy.set(piece, false);
  try {
    const html = await get(piece.dataset.url);
    if (html !== null && piece.isConnected) await put(piece, html, swap);
  } catch {
    // The network is away: the next word of the stream, or the return of the network, asks again.
  } finally {
    const again = busy.get(piece);
    busy.delete(piece);
    if (again) await refresh(id, swap);
  }
  return true;
}

export function show(pane) {
  main.dataset.pane = pane === "side" && main.dataset.pane === "side" ? "case" : pane;
  for (const button of document.querySelectorAll(".desk-foot [data-show]")) {
    button.setAttribute("aria-pressed", String(button.dataset.show === main.dataset.pane));
  }
}
