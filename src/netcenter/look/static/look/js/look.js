// Starts what every page has. Loaded once by base.html; rooms import single modules when they need more.
import "./theme.js";
import "./time.js";
import "./dialog.js";
import "./keys.js";
import "./flash.js";
import "./forms.js";

// On a telephone a section's links are one line that scrolls: it begins where one is.
for (const here of document.querySelectorAll(".page-nav [aria-current], .tabs [aria-current]")) {
  here.parentElement.scrollLeft = here.offsetLeft - (here.parentElement.clientWidth - here.clientWidth) / 2;
}
