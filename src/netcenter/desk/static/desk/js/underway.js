// What is told of a case while its page is on its way may not stand on it: once it is there, that is looked at again.
import { $, currentCase } from "./pieces.js";

const place = $("#desk-case");
const pages = new Set(); // that are on their way to the place, whichever will take it
const told = new Set(); // meanwhile

export const asked = (page) => pages.add(page);
export const hear = (topics) => topics.forEach((topic) => pages.size && told.add(topic));

export function came(page) {
  if (pages.delete(page) && !pages.size) told.clear();
}

// Calls back with what is old on the page that has just come.
export function whenItComes(look) {
  document.addEventListener("htmx:after:swap", ({ detail }) => {
    if (detail.ctx?.target !== place) return;
    const here = currentCase();
    if (here) look([...told].filter((topic) => topic.endsWith(`:${here}`)));
    came(detail.ctx);
  });
}

document.addEventListener("htmx:before:request", ({ detail }) => detail.ctx?.target === place && asked(detail.ctx));
document.addEventListener("htmx:finally:request", ({ detail }) => came(detail.ctx));
