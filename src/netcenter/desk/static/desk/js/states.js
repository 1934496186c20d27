// My state: the end of a wrap-up is seen at its second, and its keys work from everywhere.
import { register } from "../../look/js/keys.js";
import { now } from "../../look/js/time.js";
import { $, refresh, words } from "./pieces.js";

const LATE_MS = 400; // the server ends it; this only looks, should its word be lost
const place = $("#presence");
let timer = 0, until = "";

function watch() {
  const wrapUp = $("[data-wrap-up]", place)?.dataset.wrapUp ?? "";
  if (wrapUp === until) return;
  until = wrapUp;
  clearTimeout(timer);
  if (until) timer = setTimeout(() => { until = ""; refresh("presence"); }, Math.max(0, Date.parse(until) - now()) + LATE_MS);
}
new MutationObserver(watch).observe(place, { childList: true, subtree: true, attributeFilter: ["data-wrap-up"] });
watch();

const noMore = () => $("[data-no-more]", place)?.click();
const available = () => $("[name=state][value=available]", place)?.click();
register("B", words.available, available, words.my_state);
register("F", words.no_more, noMore, words.my_state);
register("Alt+F", words.no_more_typing, noMore, words.my_state);
register("Alt+B", words.available_typing, available, words.my_state);
