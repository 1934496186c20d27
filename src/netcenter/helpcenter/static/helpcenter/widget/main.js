// Put it on the page.

const host = h("div", { id: `netcenter-chat-${CONFIG.key}` });
const shadow = host.attachShadow({ mode: "open" });
const sheet = new CSSStyleSheet(); // not a <style>: a site's CSP forbids those, and allows this
sheet.replaceSync(CSS);
shadow.adoptedStyleSheets = [sheet];

let panel;
const talk = new Talk((what, detail) => panel?.changed(what, detail));
panel = new Panel(talk);

function begin() {
  shadow.append(panel.root);
  document.body.append(host);
  panel.repaint();
  if (PAGE) panel.open();
  else if (recalls("open") === "1") panel.open(false);
  else if (store.get("spoke") === "1") talk.wire.open(); // an answer may have come, or something has not left yet
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => panel.repaint());
}

if (document.body) begin();
else addEventListener("DOMContentLoaded", begin);

window.NetcenterChat = { open: () => panel.open(), close: () => panel.close() };
