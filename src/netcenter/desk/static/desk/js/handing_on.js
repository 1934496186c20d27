// Says what happens to what was handed on, to who asked and to who is asked.
import { say } from "../../look/js/flash.js";

document.addEventListener("netcenter:refresh", (event) => {
  const words = document.querySelector("#handing-on-words")?.dataset.words;
  const told = words && JSON.parse(words)[event.detail?.kind];
  if (told) say(told);
});
