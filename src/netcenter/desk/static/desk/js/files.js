// Files of an answer: picked, dropped or pasted; shown, bounded, taken away again.
import { say as tell } from "../../look/js/flash.js";
import { $, say, words } from "./pieces.js";

let files = [];

const size = (bytes) => (bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1e3))} KB` : `${(bytes / 1e6).toFixed(1)} MB`);

function draw() {
  const input = $("#files"), list = $("#composer-files"), carried = new DataTransfer();
  files.forEach((file) => carried.items.add(file));
  input.files = carried.files;
  list.hidden = files.length === 0;
  list.replaceChildren(...files.map((file, at) => {
    const item = document.createElement("li"), name = document.createElement("span"), how = document.createElement("span");
    const off = document.createElement("button");
    item.className = "file";
    name.className = "truncate";
    name.textContent = file.name;
    how.className = "faint";
    how.textContent = size(file.size);
    off.type = "button";
    off.textContent = "×";
    off.setAttribute("aria-label", `${words.remove}: ${file.name}`);
    off.addEventListener("click", () => { files.splice(at, 1); draw(); });
    item.append(name, how, off);
    return item;
  }));
}

export function addFiles(chosen, most) {
  const limit = Number($("#reply").dataset.mostFiles);
  for (const file of chosen) {
    if (file.size > most || files.length >= limit) tell(say("too_large", { name: file.name }), { tone: "error" });
    else if (!files.some((known) => known.name === file.name && known.size === file.size && known.lastModified === file.lastModified)) files.push(file);
  }
  draw();
}

export function clearFiles() {
  files = [];
  draw();
}

document.addEventListener("change", (event) => {
  if (event.target.id === "files") document.dispatchEvent(new CustomEvent("desk:files", { detail: [...event.target.files] }));
});
document.addEventListener("desk:opened", () => {
  files = [...$("#files")?.files ?? []]; // none, unless the same case was drawn again
  if ($("#files")) draw();
});
