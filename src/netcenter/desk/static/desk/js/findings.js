// What the guard says of the draft: its words marked under the text, and the one click that mends it.
const field = () => document.querySelector("#words");
const marks = () => document.querySelector("#marks > div");
let judged = ""; // the text that the findings are of

// The server counts characters, the browser UTF-16 units: an emoji is one there and two here.
const place = (text, count) => [...text].slice(0, count).join("").length;

function found() {
  return [...document.querySelectorAll("#findings [data-start]")].map((line) => ({
    line, severity: line.dataset.severity, start: place(judged, Number(line.dataset.start)), end: place(judged, Number(line.dataset.end)),
  }));
}

// The marks lie behind the text in a copy of it, which wraps and scrolls as the field does.
function draw() {
  const area = field(), copy = marks();
  if (!area || !copy) return;
  const text = area.value, whole = [];
  let kept = 0;
  while (kept < judged.length && judged[kept] === text[kept]) kept += 1; // behind the first change, nothing is sure
  if (kept === judged.length && text.length === judged.length) kept = Infinity;
  let at = 0;
  for (const one of found().sort((a, b) => a.start - b.start)) {
    if (one.start < at || one.end <= one.start || one.end > kept) continue;
    const mark = document.createElement("mark");
    mark.dataset.severity = one.severity;
    mark.textContent = text.slice(one.start, one.end);
    whole.push(text.slice(at, one.start), mark);
    at = one.end;
  }
  copy.replaceChildren(...whole, text.slice(at), "\n");
  copy.style.width = `${area.clientWidth}px`;
  scroll();
}

function scroll() {
  const area = field(), copy = marks();
  if (area && copy) copy.style.transform = `translateY(${-area.scrollTop}px)`;
}

// What was judged may have gone on meanwhile: a click only does what it said, on the words that it was said of.
function mend(line) {
  const area = field(), one = found().find((other) => other.line === line);
  if (area.value !== judged || area.readOnly) return;
  area.focus();
  area.setSelectionRange(one.start, one.end);
  // Can be undone with Ctrl+Z, which setRangeText cannot.
  const done = line.dataset.fix ? document.execCommand("insertText", false, line.dataset.fix) : document.execCommand("delete");
  if (!done) {
    area.setRangeText(line.dataset.fix, one.start, one.end, "end");
    area.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

function show(line) {
  const area = field(), one = found().find((other) => other.line === line);
  area.focus();
  if (area.value === judged) area.setSelectionRange(one.start, one.end);
}

export function judge(text) {
  judged = text;
  draw();
}

document.addEventListener("click", (event) => {
  const line = event.target.closest(".finding[data-start]");
  if (line && event.target.closest(".finding-fix")) mend(line);
  else if (line && event.target.closest(".finding-where")) show(line);
});
document.addEventListener("input", (event) => event.target.id === "words" && draw());
document.addEventListener("scroll", (event) => event.target.id === "words" && scroll(), true);
addEventListener("resize", draw);
