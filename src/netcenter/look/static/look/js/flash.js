// The quiet line at the foot: say("Sent.", {undo: {label, action}}). The server may send HX-Trigger: {"flash": {"text": …}}.
const line = document.getElementById("flash");
const STAYS_MS = 6000;

export function say(text, { tone = "", undo = null, stays = STAYS_MS } = {}) {
  if (!line || !text) return null;
  const paragraph = document.createElement("p");
  paragraph.className = "flash-line";
  paragraph.dataset.tone = tone;
  paragraph.append(text);
  if (undo) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = undo.label;
    button.addEventListener("click", () => { undo.action(); paragraph.remove(); });
    paragraph.append(button);
  }
  line.replaceChildren(paragraph);
  if (stays) leave(paragraph, stays);
  return paragraph;
}

// Nobody loses a line they are reading: the clock stops while the pointer or the focus is on it.
function leave(paragraph, stays) {
  const gone = () => (paragraph.matches(":hover, :focus-within") ? setTimeout(gone, 1000) : paragraph.remove());
  setTimeout(gone, stays);
}

if (line) {
  for (const paragraph of line.children) leave(paragraph, STAYS_MS);
  const failures = { 401: "signedOut", 403: "forbidden", 404: "gone" };
  document.addEventListener("flash", (event) => say(event.detail.text ?? event.detail.value, event.detail));
  document.addEventListener("htmx:response:error", (event) => {
    const status = event.detail.ctx?.response?.raw?.status ?? event.detail.ctx?.response?.status ?? 500;
    if (status >= 500 || status in failures) say(line.dataset[failures[status] ?? "failed"], { tone: "error" });
  });
  document.addEventListener("htmx:error", () => say(line.dataset[navigator.onLine ? "failed" : "offline"], { tone: "error" }));
  let offline = null;
  addEventListener("offline", () => { offline = say(line.dataset.offline, { stays: 0 }); });
  addEventListener("online", () => offline?.remove());
}
