// Where the visitor writes: a text that grows, files that go ahead of it, a count when it gets long.

class Composer {
  constructor({ send, typing, say }) {
    this.send = send;
    this.typing = typing;
    this.announce = say;
    this.uploads = [];
    this.text = h("textarea", { rows: 1, "aria-label": t("write"), placeholder: t("write"), maxlength: CONFIG.maxText, enterkeyhint: touch() ? "enter" : "send" });
    this.count = h("p", { class: "count", "aria-live": "polite" });
    this.picker = h("input", { type: "file", multiple: true, accept: CONFIG.accept, tabindex: -1, class: "sr", "aria-hidden": "true" });
    this.chips = h("ul", { class: "chips", "aria-label": t("files") });
    this.go = h("button", { type: "submit", class: "go", "aria-label": t("send"), title: t("send") }, icon("send"));
    const clip = h("button", { type: "button", class: "quiet", "aria-label": t("attach"), title: t("attach"), onclick: () => this.picker.click() }, icon("clip"));
    this.element = h("form", { class: "composer", novalidate: true }, this.chips, h("div", { class: "row" }, clip, this.picker, this.text, this.go), this.count);
    this.text.value = store.get("draft") || "";
    this.text.addEventListener("input", () => this.written());
    this.text.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing || touch()) return;
      event.preventDefault();
      this.submit();
    });
    this.text.addEventListener("paste", (event) => {
      if (event.clipboardData?.files.length) {
        event.preventDefault();
        this.add(event.clipboardData.files);
      }
    });
    this.picker.addEventListener("change", () => {
      this.add(this.picker.files);
      this.picker.value = "";
    });
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    addEventListener("online", () => this.uploads.forEach((upload) => upload.retry()));
    this.fit();
  }

  written() {
    store.set("draft", this.text.value);
    this.fit();
    const now = Date.now();
    if (this.text.value && now - (this.told || 0) > 2500) {
      this.told = now;
      this.typing(true);
    }
    clearTimeout(this.still);
    this.still = setTimeout(() => this.stopTyping(), 4000);
  }

  stopTyping() {
    if (this.told) this.typing(false);
    this.told = 0;
    clearTimeout(this.still);
  }

  fit() {
    this.text.style.height = "auto";
    this.text.style.height = `${Math.min(this.text.scrollHeight + 2, 144)}px`;
    const left = CONFIG.maxText - this.text.value.length;
    this.count.textContent = left <= 400 ? t("left", { n: new Intl.NumberFormat(LANGUAGE).format(left) }) : "";
    this.check();
  }

  check() {
    const ready = this.text.value.trim() || this.uploads.some((upload) => upload.done);
    const busy = this.uploads.some((upload) => !upload.done && !upload.error);
    this.go.setAttribute("aria-disabled", String(!ready || busy)); // not `disabled`: the focus must not be lost
  }

  add(files) {
    for (const file of [...files].slice(0, CONFIG.maxFiles - this.uploads.length)) {
      const upload = new Upload(file, () => this.drawChip(upload));
      upload.node = h("li", { class: "chip" });
      this.uploads.push(upload);
      this.chips.append(upload.node);
      upload.start();
    }
    this.text.focus();
  }

  drawChip(upload) {
    if (!upload.node) return;
    const percent = Math.round(upload.share * 100);
    const bar = upload.node.querySelector("progress");
    if (bar && !upload.error && !upload.done) {
      bar.value = percent;
      return;
    }
    const drop = () => {
      upload.cancel();
      this.uploads = this.uploads.filter((one) => one !== upload);
      upload.node.remove();
      this.check();
      this.text.focus();
    };
    const { name } = upload.file;
    let about;
    if (upload.error) about = h("span", { class: "failure", role: "alert" }, t(upload.error, { size: sizeOf(CONFIG.maxFile) }));
    else if (upload.done) about = h("span", { class: "size" }, sizeOf(upload.file.size));
    else about = h("progress", { max: 100, value: percent, "aria-label": t("uploading", { name }) });
    const again = upload.error && !upload.final;
    upload.node.replaceChildren(icon(upload.error ? "alert" : "file"), h("span", { class: "name" }, name), about,
      ...(again ? [h("button", { type: "button", class: "quiet", "aria-label": t("retry_file", { name }), onclick: () => upload.retry() }, icon("retry", 16))] : []),
      h("button", { type: "button", class: "quiet", "aria-label": t("remove", { name }), onclick: drop }, icon("close", 16)));
    if (upload.done) this.announce(t("uploaded", { name }));
    this.check();
  }

  submit() {
    if (this.go.getAttribute("aria-disabled") === "true") return;
    const files = this.uploads.filter((upload) => upload.done).map((upload) => upload.done);
    this.send(this.text.value.trim(), files);
    this.uploads.filter((upload) => upload.done).forEach((upload) => upload.node.remove());
    this.uploads = this.uploads.filter((upload) => !upload.done);
    this.text.value = "";
    store.remove("draft");
    this.stopTyping();
    this.fit();
    this.text.focus();
  }
}
