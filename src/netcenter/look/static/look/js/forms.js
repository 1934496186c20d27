// Forms: one press sends once, what is unsaved is not lost by leaving, the first error gets the focus.
// <form data-form> warns before leaving when changed; data-submit-on="change" sends itself.
document.addEventListener("input", (event) => {
  const form = event.target.form;
  if (form?.matches("[data-form]")) form.dataset.dirty = "yes";
});

document.addEventListener("change", (event) => {
  if (event.target.closest("[data-submit-on='change']")) event.target.form?.requestSubmit();
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  delete form.dataset.dirty;
  if (event.defaultPrevented || form.method === "dialog" || form.matches("[hx-post], [hx-put], [hx-delete], [hx-get]")) return;
  if (form.dataset.sending) {
    event.preventDefault();
    return;
  }
  if (form.method === "post") {
    form.dataset.sending = "yes";
    // After the browser has collected the values: a disabled button would not send its own.
    setTimeout(() => form.querySelectorAll("[type=submit]").forEach((button) => { button.disabled = true; }));
  }
});

// Coming back with the browser's own Back finds the form usable again.
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sending]")) {
    delete form.dataset.sending;
    form.querySelectorAll("[type=submit]").forEach((button) => { button.disabled = false; });
  }
});

addEventListener("beforeunload", (event) => {
  if (document.querySelector("form[data-dirty]")) event.preventDefault();
});

document.addEventListener("click", (event) => {
  const eye = event.target.closest("[data-reveal]");
  if (!eye) return;
  const field = document.getElementById(eye.dataset.reveal);
  const shown = field.type === "text";
  field.type = shown ? "password" : "text";
  eye.setAttribute("aria-pressed", String(!shown));
});

// What was refused is no longer what stands there.
document.addEventListener("input", (event) => {
  event.target.form?.querySelectorAll("p.refused").forEach((refusal) => refusal.remove());
});

// The first error, or what is wrong with the whole, which no reader announces of a fresh page. Where the address still
// names the content, the browser goes there once all is loaded: we come after it.
const wrong = document.querySelector("form .field-wrong :is(input:not([type=hidden]), select, textarea)")
  ?? document.querySelector(".notice[role=alert][tabindex]");
wrong?.focus();
if (wrong && location.hash) addEventListener("load", () => setTimeout(() => wrong.focus()));
