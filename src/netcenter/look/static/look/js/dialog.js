// Dialogs and menus. [data-dialog-open="#id"] opens, [data-dialog-close] closes; what htmx puts into #dialog opens itself.
const host = document.getElementById("dialog");

export function open(dialog) {
  if (dialog.open) return;
  dialog.showModal();
  dialog.querySelector("[autofocus], .dialog-body :is(input:not([type=hidden]), select, textarea)")?.focus();
}

export function closeMenus(except = null) {
  for (const menu of document.querySelectorAll("details.menu[open]")) if (menu !== except) menu.open = false;
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog-open]");
  if (opener) open(document.querySelector(opener.dataset.dialogOpen));
  if (event.target.closest("[data-dialog-close]")) event.target.closest("dialog")?.close();
  // A press on the backdrop reaches the dialog itself, outside its box.
  if (event.target instanceof HTMLDialogElement && event.target.open) {
    const box = event.target.getBoundingClientRect();
    const inside = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
    if (!inside && !event.target.querySelector("form[data-dirty]")) event.target.close();
  }
  const menu = event.target.closest("details.menu");
  closeMenus(menu);
  if (menu && event.target.closest(".menu-list > :is(a, button), .menu-list > form > button") && !event.target.closest("[data-menu-stay]")) menu.open = false;
});

document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.("details.menu[open]") ?? document.querySelector("details.menu[open]");
  if (!menu) return;
  const items = [...menu.querySelectorAll(".menu-list :is(a, button:not(:disabled))")];
  const at = items.indexOf(document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at < 0 ? items.length - 1 : at - 1, Home: 0, End: items.length - 1 }[event.key];
  if (event.key === "Escape") {
    menu.open = false;
    menu.querySelector("summary").focus();
    event.stopPropagation();
  } else if (to !== undefined && items.length) {
    items[(to + items.length) % items.length].focus();
    event.preventDefault();
  }
}, true);

// Of options of which none is chosen, the first arrow chooses the one that has the focus, not the one behind it.
document.addEventListener("keydown", (event) => {
  const option = event.target;
  if (!["ArrowDown", "ArrowUp"].includes(event.key) || !option.matches?.("dialog input[type=radio]")) return;
  const all = [...option.form.elements].filter((one) => one.type === "radio" && one.name === option.name);
  if (all.some((one) => one.checked)) return;
  event.preventDefault();
  option.click();
});

document.addEventListener("htmx:after:swap", () => {
  if (host && host.childElementCount && !host.open && host.dataset.shown !== "yes") {
    host.dataset.shown = "yes";
    open(host);
  } else if (host?.open && !host.childElementCount) host.close();
});
host?.addEventListener("close", () => {
  host.replaceChildren();
  delete host.dataset.shown;
});
// A verb done in the dialog answers with HX-Trigger: dialog:close.
document.addEventListener("dialog:close", () => host?.close());
