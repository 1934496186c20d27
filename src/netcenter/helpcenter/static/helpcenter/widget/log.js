// The list of messages. Nodes are kept while what they show stays the same, so that nothing flickers or is read twice.

const LINK = /\bhttps?:\/\/[^\s<>"']+/gi;
const GAP = 5 * 60000; // messages closer than this stand together

function linked(text) {
  const parts = [];
  let from = 0;
  for (const found of text.matchAll(LINK)) {
    const address = found[0].replace(/[.,;:!?)\]}»”…]+$/, (tail) => (tail.startsWith(")") && found[0].includes("(") ? ")" : ""));
    parts.push(text.slice(from, found.index));
    parts.push(h("a", { href: address, target: "_blank", rel: "noopener noreferrer nofollow ugc" }, address));
    from = found.index + address.length;
  }
  return [...parts, text.slice(from)];
}

function fileNode(file) {
  const words = [h("span", { class: "name" }, file.name), h("span", { class: "size" }, sizeOf(file.size))];
  if (!file.path) return h("span", { class: "file" }, icon("file"), ...words);
  const href = new URL(file.path, BASE).href;
  if (file.image) {
    const picture = h("img", { src: href, alt: t("image", { name: file.name }), loading: "lazy" });
    const link = h("a", { class: "picture", href, target: "_blank", rel: "noopener noreferrer" }, picture);
    picture.onerror = () => link.replaceWith(fileNode({ ...file, image: false })); // the site's CSP forbids it
    return link;
  }
  return h("a", { class: "file", href, target: "_blank", rel: "noopener noreferrer", download: file.name }, icon("file"), ...words);
}

// One line of the list, from a message of the server or from the outbox.
function lineOf(message, talk) {
  if (message.id) return { ...message, key: `m${message.cid || message.id}`, mine: message.from === "visitor", at: new Date(message.at) };
  const state = message.failed ? "failed" : message.acked ? "sent" : talk.wire.state === "online" ? "sending" : "waiting";
  const text = message.type === "about" ? [message.name, message.email].filter(Boolean).join(" · ") : message.text;
  return { key: `m${message.cid}`, cid: message.cid, mine: true, at: new Date(message.at), text, files: message.files || [], state, failed: message.failed, about: message.type === "about" };
}

const STATE_ICONS = { waiting: "clock", sending: "clock", sent: "check", delivered: "checks", read: "checks", failed: "alert" };

function messageNode(line, talk) {
  const heading = line.mine ? t("you") : line.from === "automatic" ? t("automatic") : line.name;
  const node = h("li", { class: `message ${line.mine ? "mine" : "theirs"}${line.from === "automatic" ? " automatic" : ""}` });
  const said = line.first && !line.mine ? h("p", { class: "who" }, heading) : h("p", { class: "sr" }, heading);
  const bubble = h("div", { class: "bubble" });
  if (line.text) bubble.append(h("p", {}, ...linked(line.text)));
  bubble.append(...line.files.map(fileNode));
  node.append(said, bubble);
  if (line.choosable) node.append(choicesNode(line, talk));
  const foot = h("p", { class: "foot" });
  if (line.last || line.ticked) foot.append(h("time", { datetime: line.at.toISOString() }, timeOf(line.at)));
  if (line.ticked) foot.append(h("span", { class: `tick ${line.state}` }, icon(STATE_ICONS[line.state], 16), t(line.state)));
  if (foot.childNodes.length) node.append(foot);
  if (line.failed) {
    node.append(h("p", { class: "foot failure" },
      h("span", {}, t(WORDS[line.failed] ? line.failed : "not_taken")),
      h("button", { type: "button", class: "link", onclick: () => talk.retry(line.cid) }, t("retry")),
      h("button", { type: "button", class: "link", onclick: () => talk.discard(line.cid) }, t("discard"))));
  }
  return node;
}

// Buttons, for as long as nothing was said after the question. Pressing one says its label.
function choicesNode(line, talk) {
  const press = ({ id, label }) => {
    talk.say(label, [], id);
    talk.changed("chosen");
  };
  return h("div", { class: "choices", role: "group", "aria-label": t("choose") },
    line.choices.map((one) => h("button", { type: "button", class: "choice", onclick: () => press(one) }, one.label)));
}

function lines(talk) {
  const all = [...talk.shown(), ...talk.pending()].map((message) => lineOf(message, talk));
  const found = [];
  const lastMine = all.map((line) => line.mine).lastIndexOf(true);
  const lastSaid = all.map((line) => line.mine && !line.about).lastIndexOf(true); // an address answers no question
  all.forEach((line, i) => {
    const before = all[i - 1];
    const after = all[i + 1];
    const together = (a, b) => a && b && a.mine === b.mine && a.name === b.name && a.from === b.from && b.at - a.at < GAP;
    if (!before || dayNumber(before.at) !== dayNumber(line.at)) found.push({ key: `d${dayNumber(line.at)}`, day: dayOf(line.at) });
    const ticked = line.mine && (i === lastMine || ["failed", "waiting", "sending"].includes(line.state));
    const choosable = line.choices && i > lastSaid;
    found.push({ ...line, first: !together(before, line), last: !together(line, after), ticked, choosable });
  });
  return found;
}

function draw(list, talk) {
  const old = new Map([...list.children].map((node) => [node.key, node]));
  const wanted = lines(talk).map((line) => {
    const look = JSON.stringify(line);
    const kept = old.get(line.key);
    if (kept && kept.look === look) return kept;
    const node = line.day ? h("li", { class: "day" }, h("span", {}, line.day)) : messageNode(line, talk);
    node.key = line.key;
    node.look = look;
    return node;
  });
  wanted.forEach((node, i) => {
    if (list.children[i] !== node) list.insertBefore(node, list.children[i] || null);
  });
  while (list.children.length > wanted.length) list.lastChild.remove();
}
