// Light, dark or as the device; comfortable or dense. Kept in a cookie, so that the server draws the right one at once.
const YEAR = 31536000;
const root = document.documentElement;

function remember(name, value) {
  document.cookie = `${name}=${value}; path=/; max-age=${value ? YEAR : 0}; samesite=lax`;
}

function set(name, value) {
  if (value) root.dataset[name] = value;
  else delete root.dataset[name];
  remember(name, value);
  show();
}

function show() {
  for (const name of ["theme", "density"]) {
    for (const button of document.querySelectorAll(`[data-${name}-set]`)) {
      button.setAttribute("aria-pressed", String(button.dataset[`${name}Set`] === (root.dataset[name] ?? "")));
    }
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-theme-set], [data-density-set]");
  if (!button) return;
  if ("themeSet" in button.dataset) set("theme", button.dataset.themeSet);
  else set("density", button.dataset.densitySet);
});
show();
