// Sends clips as soon as they are dropped, pasted, chosen or recorded, each with its own progress.
// The form inside does the same without this file.

const AT_ONCE = 3;
const METADATA_MS = 3000;

class DropZone extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form");
    this.files = this.form.querySelector('input[type="file"]');
    this.list = this.querySelector("[data-list]");
    this.refused = this.querySelector("[data-refused]");
    this.checks = JSON.parse(document.getElementById("checks").textContent);
    this.files.addEventListener("change", () => this.send([...this.files.files]));
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.send([...this.files.files]);
    });
    this.addEventListener("recorded", (event) => this.send([event.detail]));
    this.querySelector("[data-sending] [data-stop]").addEventListener("click", () => this.stop());
    const mark = (isOver) => document.documentElement.classList.toggle("is-dropping", isOver);
    catchDrops((files) => this.send(files), mark);
    document.addEventListener("paste", (event) => {
      const files = [...event.clipboardData.files];
      if (!files.length) return;
      event.preventDefault();
      this.send(files);
    });
    // Back from the verdict, the page may still hold what was sent.
    addEventListener("pageshow", () => this.form.reset());
  }

  async send(files) {
    if (!files.length || this.requests) return;
    this.requests = new Set();
    this.refused.replaceChildren();
    this.list.replaceChildren(...files.map((file) => this.row(file)));
    this.show(true);
    try {
      if (files.length > this.checks.files) {
        this.refuse(this.problem("too_many_files", this.checks.files, files.length));
      } else if (files.length === 1) {
        await this.sendOne(files[0]);
      } else {
        await this.sendMany(files);
      }
    } catch {
      this.refuse(this.querySelector("[data-lost]").content.cloneNode(true));
    }
    this.requests = null;
    this.form.reset();
  }

  async sendOne(file) {
    const problem = await this.check(file);
    if (problem) return this.refuse(problem, file);
    const answer = await this.post(this.form.action, file, this.list.firstElementChild);
    if (answer.next) location.assign(answer.next);
    else if (answer.stopped) this.show(false);
    else this.refuse(answer.refused);
  }

  // Each file by itself, a few at a time; a refused one harms no other.
  async sendMany(files) {
    const opened = await fetch(this.form.dataset.batches, { method: "POST", body: this.secret() });
    if (!opened.ok) throw new Error(opened.statusText);
    const batch = await opened.json();
    const waiting = files.map((file, index) => [file, this.list.children[index]]);
    const work = async () => {
      for (let next = waiting.shift(); next && this.requests; next = waiting.shift()) {
        await this.sendNext(batch["batch-add"], ...next);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    await fetch(batch["batch-close"], { method: "POST", body: this.secret() });
    if (this.list.querySelector(".is-sent")) location.assign(batch.batch);
    else this.classList.remove("is-sending");
  }

  async sendNext(address, file, row) {
    const problem = await this.check(file);
    const answer = problem ? { refused: problem } : await this.post(address, file, row);
    row.classList.add(answer.refused || answer.stopped ? "is-refused" : "is-sent");
    const state = row.querySelector("[data-state]");
    if (answer.refused) state.replaceChildren(...answer.refused.querySelectorAll("p"));
    else state.textContent = answer.stopped ? state.dataset.stopped : state.dataset.sent;
  }

  async post(address, file, row) {
    const body = this.secret();
    body.append("files", file);
    const progress = row.querySelector("progress");
    const { request, answered } = sendForm(address, body, (share) => (progress.value = 100 * share));
    this.requests.add(request);
    try {
      return (await answered) ? this.read(request) : { stopped: true };
    } finally {
      this.requests?.delete(request);
    }
  }

  read(request) {
    if (request.getResponseHeader("HX-Redirect")) {
      return { next: request.getResponseHeader("HX-Redirect") };
    }
    if (request.status === 201) return {};
    const answer = new DOMParser().parseFromString(request.responseText, "text/html");
    const refused = answer.querySelector('[role="alert"], [data-testid="error"]');
    if (!refused) throw new Error(request.statusText);
    return { refused: document.adoptNode(refused) };
  }

  // The server's own limits, to spare a person the wait. It checks all of them again.
  async check(file) {
    const { bytes, seconds } = this.checks;
    if (!file.size) return this.problem("empty_file");
    if (file.size > bytes) {
      return this.problem("file_too_large", megabytes(bytes), megabytes(file.size));
    }
    if ((await duration(file)) > seconds) return this.problem("audio_too_long", seconds);
    return null;
  }

  problem(code, limit, found) {
    const words = this.checks.problems[code];
    const alert = this.querySelector("template[data-problem]").content.cloneNode(true).firstElementChild;
    alert.querySelector("strong").textContent = words.title;
    const text = words.text.replace("{limit}", limit).replace("{found}", found);
    alert.querySelector("[data-text]").textContent = text;
    return alert;
  }

  refuse(alert, file) {
    if (file) alert.querySelector("strong").prepend(`${file.name}: `);
    this.refused.replaceChildren(alert);
    this.show(false);
  }

  row(file) {
    const row = this.querySelector("[data-row]").content.cloneNode(true).firstElementChild;
    row.querySelector("[data-name]").textContent = file.name;
    row.querySelector("progress").setAttribute("aria-label", file.name);
    return row;
  }

  secret() {
    const body = new FormData();
    body.append("csrfmiddlewaretoken", this.form.elements.csrfmiddlewaretoken.value);
    return body;
  }

  stop() {
    const requests = [...(this.requests ?? [])];
    this.requests = null;
    for (const request of requests) request.abort();
  }

  show(isSending) {
    this.querySelector("[data-sending]").hidden = !isSending;
    this.classList.toggle("is-sending", isSending);
  }
}

// How long a recording is, as far as this browser can tell; 0 where it cannot.
function duration(file) {
  return new Promise((resolve) => {
    const audio = new Audio();
    const address = URL.createObjectURL(file);
    const done = () => {
      URL.revokeObjectURL(address);
      resolve(Number.isFinite(audio.duration) ? audio.duration : 0);
    };
    audio.preload = "metadata";
    audio.addEventListener("loadedmetadata", done);
    audio.addEventListener("error", done);
    setTimeout(done, METADATA_MS);
    audio.src = address;
  });
}

function megabytes(bytes) {
  return `${(bytes / 1024 ** 2).toFixed(1)} MB`;
}

customElements.define("drop-zone", DropZone);
