// Uploads: a file travels on its own, with progress, before the message that names it.

class Upload {
  constructor(file, changed) {
    this.file = file;
    this.changed = changed;
    this.share = 0;
    const known = CONFIG.accept.split(",").some((ending) => file.name.toLowerCase().endsWith(ending));
    this.error = file.size > CONFIG.maxFile ? "too_big" : known ? "" : "bad_type";
    this.final = Boolean(this.error); // trying again would not help
    this.done = null;
  }

  start() {
    if (this.final) {
      this.changed();
      return;
    }
    this.error = "";
    const request = this.request = new XMLHttpRequest(); // fetch tells no progress of what is sent
    const address = new URL("files", BASE);
    address.searchParams.set("name", this.file.name);
    request.open("POST", address);
    request.setRequestHeader("Authorization", `Visitor ${token()}`);
    request.upload.onprogress = ({ loaded, total }) => {
      this.share = total ? loaded / total : 0;
      this.changed();
    };
    request.onerror = () => this.fail("upload_failed");
    request.onload = () => {
      let answer = {};
      try { answer = JSON.parse(request.responseText); } catch { /* a proxy's own page */ }
      if (request.status === 200 && answer.claim) {
        this.done = answer;
        this.changed();
        return;
      }
      this.final = request.status >= 400 && request.status < 500 && request.status !== 429;
      this.fail(WORDS[answer.code] ? answer.code : "upload_failed");
    };
    request.send(this.file);
    this.changed();
  }

  fail(code) {
    this.error = code;
    this.changed();
  }

  retry() {
    if (this.error) this.start();
  }

  cancel() {
    this.request?.abort();
  }
}
