// The chain of a queue: steps are added, removed and moved in place. Their times stay in order; what happens moves.
const chain = document.querySelector("[data-chain]");
const rows = [...chain.querySelectorAll("[data-step]")];
const part = (row, name) => row.querySelector(`[data-step-${name}]`);
const used = () => rows.filter((row) => !row.hidden);
const says = chain.querySelector("[data-chain-says]");
const changed = (row) => part(row, "kind").dispatchEvent(new Event("change", { bubbles: true }));

// With scripts a spare row is out of sight until it is asked for; without them the first one is there.
for (const row of rows) row.hidden = !part(row, "kind").value && !row.classList.contains("field-wrong");

function show() {
  const shown = used();
  for (const row of rows) part(row, "team").hidden = part(row, "kind").value !== "team";
  shown.forEach((row, i) => {
    row.querySelector('[data-step-move="-1"]').disabled = i === 0;
    row.querySelector('[data-step-move="1"]').disabled = i === shown.length - 1;
  });
  chain.querySelector("[data-chain-none]").hidden = shown.length > 0;
  chain.querySelector("[data-chain-add]").disabled = shown.length === rows.length;
}

function swap(one, other, names) {
  for (const name of names) {
    const kept = part(one, name).value;
    part(one, name).value = part(other, name).value;
    part(other, name).value = kept;
  }
}

chain.addEventListener("change", show);
chain.addEventListener("click", (event) => {
  const shown = used(), row = event.target.closest("[data-step]");
  if (event.target.closest("[data-chain-add]")) {
    const next = rows[shown.length], last = shown.at(-1);
    next.hidden = false;
    part(next, "after").value ||= last ? Math.max(60, 2 * (Number(part(last, "after").value) || 30)) : 60;
    part(next, "kind").value = ["level", "everybody", "supervisors"].find((kind) => !shown.some((r) => part(r, "kind").value === kind)) ?? "team";
    show();
    part(next, "after").focus();
    changed(next);
  }
  const move = Number(event.target.closest("[data-step-move]")?.dataset.stepMove);
  if (move) {
    const at = shown.indexOf(row), other = shown[at + move];
    swap(row, other, ["kind", "team"]);
    show();
    const button = other.querySelector(`[data-step-move="${move}"]`);
    (button.disabled ? part(other, "kind") : button).focus();
    says.textContent = says.dataset.moved.replace("%s", at + move + 1);
    changed(other);
  }
  if (event.target.closest("[data-step-remove]")) {
    const at = shown.indexOf(row);
    for (let i = at; i < shown.length - 1; i++) swap(shown[i], shown[i + 1], ["after", "kind", "team"]);
    const last = shown.at(-1);
    for (const name of ["after", "kind", "team"]) part(last, name).value = "";
    last.hidden = true;
    show();
    const near = used()[Math.min(at, shown.length - 2)];
    (near ? part(near, "after") : chain.querySelector("[data-chain-add]")).focus();
    says.textContent = says.dataset.removed;
    changed(last);
  }
});
show();
