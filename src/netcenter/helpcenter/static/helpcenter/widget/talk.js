// The conversation as this tab knows it: what the server showed, and what is still on its way there.

const ACK_WITHIN = 12000;

class Talk {
  constructor(changed) {
    this.changed = changed; // (what) => …
    this.messages = new Map();
    this.more = false;
    this.operator = "";
    this.status = null;
    this.typing = null;
    this.flying = null; // the message that waits for its acknowledgement: one at a time keeps their order
    this.refusal = "";
    this.welcomed = false;
    this.wire = new Wire({
      hello: () => ({ token: token(), since: this.last(), language: LANGUAGE }),
      frame: (frame) => this.hear(frame),
      state: (state) => {
        if (state !== "online") this.land();
        this.changed("state");
      },
    });
    outbox.sweep();
    addEventListener("storage", ({ key }) => {
      if (key === null || key.startsWith(`${PREFIX}out:`)) this.changed("messages");
      if (key === `${PREFIX}token`) this.wire.drop();
    });
  }

  last() {
    return Math.max(0, ...this.messages.keys());
  }

  shown() {
    return [...this.messages.values()].sort((a, b) => a.id - b.id);
  }

  pending() {
    const here = new Set([...this.messages.values()].map((message) => message.cid).filter(Boolean));
    return outbox.all().filter((item) => !here.has(item.cid));
  }

  begun() {
    return this.messages.size > 0 || outbox.all().length > 0;
  }

  // --- out ---

  say(text, files, choice) {
    this.post({ type: "say", text, files, choice });
  }

  introduce(name, email) {
    store.set("about", JSON.stringify({ name, email }));
    this.post({ type: "about", name, email });
  }

  post(item) {
    outbox.put({ cid: random(15), at: Date.now(), ...item });
    store.set("spoke", "1");
    this.changed("messages");
    this.wire.open();
    this.flush();
  }

  flush() {
    clearTimeout(this.soon);
    if (this.flying || this.wire.state !== "online") return;
    const item = this.pending().find((one) => !one.acked && !one.failed);
    if (!item) return;
    const { name, email } = { ...about(), ...item };
    const frame = item.type === "about"
      ? { type: "about", cid: item.cid, name, email }
      : { type: "say", cid: item.cid, text: item.text, files: item.files, choice: item.choice, name, email, page: location.href.slice(0, 1900) };
    if (!this.wire.send(frame)) return;
    this.flying = item.cid;
    this.late = setTimeout(() => this.wire.drop(), ACK_WITHIN);
  }

  land() {
    clearTimeout(this.late);
    this.flying = null;
  }

  settle(cid, change) {
    const item = outbox.get(cid);
    if (item) outbox.put({ ...item, ...change });
    if (this.flying === cid) this.land();
    this.changed("messages");
    this.flush();
  }

  retry(cid) {
    this.settle(cid, { failed: undefined });
  }

  discard(cid) {
    outbox.remove(cid);
    this.changed("messages");
  }

  // --- in ---

  hear(frame) {
    if (this[`on_${frame.type}`]) this[`on_${frame.type}`](frame);
  }

  on_welcome(frame) {
    const known = this.last();
    if (!known) this.more = frame.more;
    this.status = frame.status;
    this.on_messages(frame, !this.welcomed);
    this.welcomed = true;
    this.flush();
  }

  on_messages({ messages, operator }, quiet = false) {
    const before = this.last();
    this.keep(messages);
    this.operator = operator;
    const fresh = quiet ? [] : messages.filter((one) => one.from !== "visitor" && one.id > before);
    if (fresh.length) this.typing = null;
    this.changed("messages", fresh);
  }

  on_older({ messages, more }) {
    this.more = more;
    this.keep(messages);
    this.changed("older");
  }

  keep(messages) {
    for (const message of messages) {
      this.messages.set(message.id, message);
      if (message.cid && outbox.get(message.cid)) outbox.remove(message.cid);
    }
  }

  on_ack({ cid }) {
    this.settle(cid, { acked: true });
  }

  on_error({ code, cid, retry_ms: wait, final }) {
    if (final) this.refusal = code;
    if (wait && (!cid || cid === this.flying)) {
      this.land();
      this.soon = setTimeout(() => this.flush(), wait);
      this.changed("slow", code);
    } else if (cid) {
      this.settle(cid, { failed: code });
    }
    this.changed("state");
  }

  on_status({ state, opens_at }) {
    this.status = { state, opens_at };
    this.changed("state");
  }

  on_typing({ name, on }) {
    clearTimeout(this.still);
    this.typing = on === false ? null : { name };
    this.still = setTimeout(() => this.on_typing({ on: false }), 6000);
    this.changed("typing");
  }
}
