// The settings' few moving parts: copying, testing a connection as it goes, the browser's own time zone, variables.
const say = (text, tone) => import("../look/js/flash.js").then((flash) => flash.say(text, { tone }));

document.addEventListener("click", async (event) => {
  const copy = event.target.closest("[data-copy]");
  if (copy) {
    try {
      await navigator.clipboard.writeText(copy.dataset.copy);
    } catch {
      // Without https there is no clipboard; the selection can still be copied by hand.
      copy.parentElement.querySelector("input")?.select();
      if (!document.execCommand("copy")) return;
    }
    say(copy.dataset.copied);
  }
  const insert = event.target.closest("[data-insert]");
  if (insert && written) {
    written.setRangeText(insert.dataset.insert, written.selectionStart, written.selectionEnd, "end");
    written.dispatchEvent(new Event("input", { bubbles: true }));
    written.focus();
  }
});

// A variable goes where one was writing last.
let written = document.querySelector("[data-words]");
document.addEventListener("focusin", (event) => {
  if (event.target.matches("[data-words]")) written = event.target;
});

// The checks arrive one by one, as list items.
document.addEventListener("submit", async (event) => {
  const form = event.target.closest("[data-test-form]");
  if (!form) return;
  event.preventDefault();
  const section = document.querySelector(form.dataset.testForm);
  const list = section.querySelector("ul"), progress = section.querySelector("progress"), button = form.querySelector("button");
  section.hidden = progress.hidden = false;
  progress.hidden = false;
  list.replaceChildren();
  button.disabled = true;
  try {
    const response = await fetch(form.action, { method: "POST", body: new FormData(form) });
    if (!response.ok) throw new Error(response.status);
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
      const { value, done } = await reader.read();
      rest += value ?? "";
      const end = rest.lastIndexOf("</li>");
      if (end >= 0) {
        list.insertAdjacentHTML("beforeend", rest.slice(0, end + 5));
        rest = rest.slice(end + 5);
      }
      if (done) break;
    }
  } catch {
    say(section.dataset.failed, "error");
  } finally {
    progress.hidden = true;
    button.disabled = false;
  }
});

// Ringing on this device.
const push = document.querySelector("[data-push]");
if (push) {
  const { canPush, isOn, turnOn, turnOff } = await import("../live/js/push.js");
  const show = async () => {
    const on = await isOn();
    push.querySelector("[data-push-on]").hidden = !on;
    for (const button of push.querySelectorAll("[data-push-turn]")) button.hidden = (button.dataset.pushTurn === "on") === on;
  };
  if (canPush) {
    push.hidden = false;
    await show();
    push.addEventListener("click", async (event) => {
      const turn = event.target.closest("[data-push-turn]")?.dataset.pushTurn;
      if (!turn) return;
      const done = await (turn === "on" ? turnOn() : turnOff()).catch(() => false);
      push.querySelector("[data-push-refused]").hidden = turn !== "on" || done;
      await show();
    });
  }
}

// On a phone the settings' names are one row: the current one must be in it.
document.querySelector(".page-nav [aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" });

// The first run: the browser knows where we are.
const zone = document.querySelector("[data-zone]");
if (zone) {
  const country = document.querySelector("[data-country-of-zone]");
  const follow = () => {
    const code = zone.selectedOptions[0]?.dataset.country ?? "";
    if (country && !country.dataset.chosen && country.querySelector(`option[value="${code}"]`)) country.value = code;
  };
  country?.addEventListener("change", () => { country.dataset.chosen = "yes"; });
  zone.addEventListener("change", follow);
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const option = [...zone.options].find(({ value, dataset }) => value === own || dataset.former?.split(" ").includes(own));
  if (option && !document.querySelector(".field-wrong")) {
    zone.value = option.value;
    follow();
  }
}

// Around the clock has no hours to write.
for (const box of document.querySelectorAll("[data-hides]")) {
  const hidden = document.querySelector(box.dataset.hides);
  const show = () => { hidden.hidden = box.checked; };
  box.addEventListener("change", show);
  show();
}
