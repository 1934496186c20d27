// What the visitor sees: the button in the corner, and behind it the conversation.

class Panel {
  constructor(talk) {
    this.talk = talk;
    this.isOpen = PAGE;
    this.follows = true; // the reader is at the end
    this.unread = 0;
    this.composer = new Composer({
      send: (text, files) => {
        this.follows = true;
        talk.say(text, files);
      },
      typing: (on) => talk.wire.send({ type: "typing", on }),
      say: (words) => this.say(words),
    });
    this.build();
    this.repaint();
  }

  build() {
    this.badge = h("span", { class: "badge", hidden: true });
    this.launcher = h("button", { type: "button", class: "launcher", "aria-expanded": "false", onclick: () => this.open() }, icon("chat", 24), this.badge);
    this.line = h("p", { class: "status" });
    this.sound = h("button", { type: "button", class: "quiet", onclick: () => this.toggleSound() });
    const close = PAGE ? null : h("button", { type: "button", class: "quiet", "aria-label": t("close"), title: t("close"), onclick: () => this.close() }, icon("down"));
    this.greeting = h("p", { class: "greeting" }, CONFIG.greetings[LANGUAGE] || t("greeting"));
    this.older = h("button", { type: "button", class: "link older", hidden: true, onclick: () => this.askOlder() }, t("older"));
    this.list = h("ol", { class: "list" });
    this.typing = h("p", { class: "typing", hidden: true });
    this.notice = h("div", { class: "notice", hidden: true });
    this.card = this.buildCard();
    this.scroller = h("div", { class: "log", role: "log", "aria-live": "off", "aria-label": t("conversation"), tabindex: 0 },
      h("div", { class: "story" }, this.greeting, this.older, this.list, this.notice, this.card, this.typing));
    this.latest = h("button", { type: "button", class: "latest", hidden: true, onclick: () => this.toEnd() });
    this.wireNotice = h("p", { class: "wire", hidden: true });
    this.voice = h("p", { class: "sr", role: "status", "aria-live": "polite" });
    this.panel = h("section", { class: "panel", role: "dialog", "aria-label": t("chat_with", { title: CONFIG.title }), hidden: !PAGE },
      h("header", {}, h("div", {}, h("h2", {}, CONFIG.title), this.line), this.sound, close),
      this.scroller, this.latest, this.wireNotice, this.composer.element);
    this.root = h("div", { class: `root${PAGE ? " page" : ""}${set.position === "left" ? " left" : ""}`, lang: LANGUAGE },
      PAGE ? null : this.launcher, this.panel, this.voice);
    this.listen();
  }

  listen() {
    this.panel.addEventListener("keydown", (event) => {
      event.stopPropagation(); // the site's own shortcuts are not meant
      if (event.key === "Escape" && !PAGE) this.close();
      if (event.key === "Tab" && narrow() && !PAGE) this.turn(event);
    });
    this.scroller.addEventListener("scroll", () => {
      const { scrollTop } = this.scroller;
      // Only who scrolls up stops following: what has just grown below (an image) is no wish of the reader.
      if (this.atEnd()) this.follows = true;
      else if (scrollTop < this.top) this.follows = false;
      this.top = scrollTop;
      if (!this.follows) return;
      this.latest.hidden = true;
      this.see();
    }, { passive: true });
    // Whatever grows (an image that arrives, the composer, a notice), who reads the end goes on reading the end.
    const sizes = new ResizeObserver(() => this.follows && this.toEnd());
    sizes.observe(this.scroller);
    sizes.observe(this.scroller.firstChild);
    this.panel.addEventListener("dragover", (event) => event.preventDefault());
    this.panel.addEventListener("drop", (event) => {
      event.preventDefault();
      if (event.dataTransfer.files.length) this.composer.add(event.dataTransfer.files);
    });
    document.addEventListener("visibilitychange", () => this.see());
    // A telephone's keyboard covers the foot of the page; the panel must end above it.
    globalThis.visualViewport?.addEventListener("resize", () => this.size());
    addEventListener("resize", () => this.size());
  }

  // --- opening and closing ---

  open(focus = true) {
    this.isOpen = true;
    this.panel.hidden = false;
    this.launcher.hidden = true;
    this.panel.setAttribute("aria-modal", String(narrow() && !PAGE));
    remember("open", "1");
    this.size();
    this.composer.fit();
    this.talk.wire.open();
    this.unread = 0;
    this.repaint();
    this.toEnd();
    if (focus) this.composer.text.focus();
  }

  close() {
    this.isOpen = false;
    this.panel.hidden = true;
    this.launcher.hidden = false;
    remember("open", "");
    this.composer.stopTyping();
    this.repaint();
    this.launcher.focus();
  }

  size() {
    const view = globalThis.visualViewport;
    this.panel.style.height = narrow() && view ? `${view.height}px` : "";
  }

  turn(event) {
    const all = [...this.panel.querySelectorAll("button,a[href],textarea,input:not([tabindex='-1']),[tabindex='0']")].filter((one) => one.offsetParent);
    const [first, last] = [all[0], all[all.length - 1]];
    const here = this.panel.getRootNode().activeElement;
    if (event.shiftKey ? here === first : here === last) {
      event.preventDefault();
      (event.shiftKey ? last : first).focus();
    }
  }

  // --- showing ---

  changed(what, detail) {
    if (!this.root) return;
    if (what === "messages" || what === "older") this.showMessages(what, detail || []);
    this.showTyping();
    if (what === "chosen") (touch() ? this.scroller : this.composer.text).focus(); // the button that had it is gone
    if (what === "slow") this.say(t(detail === "slow" ? "slow" : "not_stored"));
    this.repaint();
  }

  showMessages(what, fresh) {
    const { scroller } = this;
    const { follows } = this;
    const fromEnd = scroller.scrollHeight - scroller.scrollTop;
    draw(this.list, this.talk);
    if (what === "older") scroller.scrollTop = scroller.scrollHeight - fromEnd;
    else if (follows) this.toEnd();
    if (!fresh.length) return;
    for (const message of fresh) this.say(t("says", { name: message.name || t("automatic"), text: [message.text || t("files"), ...this.offered(message)].join(". ") }));
    if (store.get("sound") === "1") chime();
    if (!this.isOpen) this.unread += fresh.length;
    else if (!follows) {
      this.latest.textContent = t("new_messages", { n: fresh.length });
      this.latest.hidden = false;
    }
    this.see();
  }

  // What a question offers, to who cannot see the buttons.
  offered({ choices = [] }) {
    return choices.length ? [`${t("choose")}: ${choices.map((one) => one.label).join(", ")}`] : [];
  }

  showTyping() {
    const { typing } = this.talk;
    this.typing.hidden = !typing;
    const words = typing ? t("is_typing", { name: typing.name }) : "";
    if (words && words !== this.typing.textContent) this.typing.replaceChildren(h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i")), words);
  }

  repaint() {
    const { talk } = this;
    const { state } = talk.wire;
    const away = talk.status?.state === "away";
    const online = state === "online";
    this.root.classList.toggle("dark", isDark());
    this.line.textContent = talk.refusal ? t("refused") : state === "offline" ? t("offline") : !online ? t("connecting")
      : talk.operator ? t("with", { name: talk.operator }) : t(talk.status?.state || "connecting");
    this.line.className = `status ${online && !away ? "on" : "off"}`;
    this.wireNotice.hidden = !(state === "offline" && this.talk.pending().length) && !talk.refusal;
    this.wireNotice.textContent = talk.refusal ? t(WORDS[talk.refusal] ? talk.refusal : "refused") : t("offline_kept");
    this.older.hidden = !talk.more;
    this.greeting.hidden = talk.more;
    this.showNotice(online && away && !talk.operator);
    const asks = CONFIG.asksEmail && talk.begun() && !about().email && store.get("asked") !== "1";
    this.card.hidden = !asks;
    this.badge.hidden = !this.unread;
    this.badge.textContent = this.unread > 9 ? "9+" : this.unread;
    const label = this.unread ? t("open_unread", { n: this.unread }) : t("open");
    this.launcher.setAttribute("aria-label", label);
    this.launcher.title = label;
    this.launcher.setAttribute("aria-expanded", String(this.isOpen));
    const loud = store.get("sound") === "1";
    this.sound.setAttribute("aria-pressed", String(loud));
    this.sound.setAttribute("aria-label", t("sound"));
    this.sound.title = t("sound");
    this.sound.replaceChildren(icon(loud ? "sound" : "silent"));
  }

  showNotice(away) {
    const opens = away && this.talk.status.opens_at && new Date(this.talk.status.opens_at);
    const words = !away ? "" : opens ? t("away_until", { when: `${dayOf(opens)}, ${timeOf(opens)}` }) : t("away_now");
    if (this.notice.textContent === words) return;
    this.notice.textContent = words;
    this.notice.hidden = !words;
    if (words && this.isOpen) this.say(`${t("away")}. ${words}`);
  }

  buildCard() {
    const email = h("input", { type: "email", name: "email", autocomplete: "email", required: true, maxlength: 254 });
    const name = h("input", { type: "text", name: "name", autocomplete: "name", maxlength: 200 });
    const wrong = h("p", { class: "failure", id: "wrong", role: "alert" });
    const skip = () => {
      store.set("asked", "1");
      this.repaint();
      this.composer.text.focus();
    };
    const save = (event) => {
      event.preventDefault();
      if (!/^[^@\s<>,;:"]{1,64}@[^@\s<>,;:"]+\.[^@\s<>,;:".\d]{2,24}$/.test(email.value.trim())) {
        wrong.textContent = t("bad_email");
        email.setAttribute("aria-invalid", "true");
        email.setAttribute("aria-describedby", "wrong");
        return email.focus();
      }
      store.set("asked", "1");
      this.talk.introduce(name.value.trim(), email.value.trim());
      this.say(t("saved"));
      this.composer.text.focus();
    };
    return h("form", { class: "card", novalidate: true, hidden: true, onsubmit: save },
      h("p", {}, t("ask_email")),
      h("div", { class: "pair" }, h("label", {}, t("email"), email), h("label", {}, t("name"), name)), wrong,
      h("div", { class: "row" }, h("button", { type: "submit", class: "primary" }, t("save")), h("button", { type: "button", class: "link", onclick: skip }, t("skip"))));
  }

  // --- scrolling and reading ---

  atEnd() {
    return this.scroller.scrollHeight - this.scroller.scrollTop - this.scroller.clientHeight < 48;
  }

  toEnd() {
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.follows = true;
    this.latest.hidden = true;
    this.see();
  }

  askOlder() {
    const [first] = this.talk.shown();
    if (first) this.talk.wire.send({ type: "more", before: first.id });
  }

  // Tell, a moment later and once, up to where the visitor has read.
  see() {
    if (!this.isOpen || document.hidden || !this.atEnd()) return;
    clearTimeout(this.seeing);
    this.seeing = setTimeout(() => {
      const theirs = this.talk.shown().filter((message) => message.from !== "visitor");
      const last = theirs.length ? theirs[theirs.length - 1].id : 0;
      if (last > (this.seen || 0) && this.talk.wire.send({ type: "read", id: last })) this.seen = last;
    }, 900);
  }

  // --- sound and voice ---

  say(words) {
    this.voice.textContent = words;
  }

  toggleSound() {
    const loud = store.get("sound") !== "1";
    store.set("sound", loud ? "1" : "");
    if (loud) chime();
    this.repaint();
  }
}

function remember(name, value) {
  try { sessionStorage.setItem(PREFIX + name, value); } catch { /* forbidden here */ }
}

function recalls(name) {
  try { return sessionStorage.getItem(PREFIX + name); } catch { return null; }
}

let audio;
function chime() {
  try {
    audio ||= new AudioContext();
    [[660, 0], [880, 0.12]].forEach(([pitch, after]) => {
      const [tone, gain, at] = [audio.createOscillator(), audio.createGain(), audio.currentTime + after];
      tone.frequency.value = pitch;
      gain.gain.setValueAtTime(0.0001, at);
      gain.gain.exponentialRampToValueAtTime(0.08, at + 0.02);
      gain.gain.exponentialRampToValueAtTime(0.0001, at + 0.3);
      tone.connect(gain).connect(audio.destination);
      tone.start(at);
      tone.stop(at + 0.32);
    });
  } catch { /* no sound here */ }
}
