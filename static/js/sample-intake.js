// Adds any number of samples: lists the files that were dropped or chosen, each with a label of its
// own if wanted, and sends them one by one with progress. The form inside does the same, for as
// many as fit in one request and with one label for all, without this file.

class SampleIntake extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form");
    this.input = this.querySelector('input[type="file"]');
    this.list = this.querySelector("[data-chosen]");
    this.rows = [];
    this.input.addEventListener("change", () => this.take([...this.input.files]));
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.send();
    });
    const drop = this.querySelector(".drop");
    catchDrops((files) => this.take(files), (isOver) => drop.classList.toggle("is-over", isOver));
  }

  take(files) {
    if (this.isSending) return;
    for (const file of files) {
      const item = document.createElement("li");
      const name = document.createElement("span");
      name.className = "chosen-name";
      name.textContent = file.name;
      const choice = document.createElement("select");
      choice.setAttribute("aria-label", `${this.list.dataset.what} ${file.name}`);
      choice.append(
        new Option(this.list.dataset.asAll, ""),
        new Option(this.list.dataset.human, "real"),
        new Option(this.list.dataset.synthetic, "fake"),
      );
      item.append(name, choice);
      this.list.append(item);
      this.rows.push({ file, item, choice });
    }
    // The list holds them now; the same file may be chosen again.
    this.input.value = "";
    this.input.required = !this.rows.length;
  }

  async send() {
    if (this.isSending || !this.rows.length || !this.isLabelled()) return;
    this.isSending = true;
    const rows = this.rows;
    this.rows = [];
    const sending = this.querySelector("[data-sending]");
    const words = sending.querySelector("[data-progress]");
    const bar = sending.querySelector("progress");
    sending.hidden = false;
    for (const [place, row] of rows.entries()) {
      words.textContent = words.dataset.progress
        .replace("{done}", place)
        .replace("{count}", rows.length);
      const share = (part) => (bar.value = (100 * (place + part)) / rows.length);
      try {
        row.item.replaceChildren(...this.outcome(await this.request(row, share)));
      } catch {
        row.item.textContent = `${row.file.name}: ${this.list.dataset.lost}`;
        row.item.append(row.choice);
        this.rows.push(row);
      }
    }
    bar.value = 100;
    words.textContent = words.dataset.progress
      .replace("{done}", rows.length - this.rows.length)
      .replace("{count}", rows.length);
    this.querySelector("[data-news]").textContent = words.textContent;
    this.input.required = !this.rows.length;
    this.isSending = false;
  }

  isLabelled() {
    const all = this.form.querySelector('input[name="label"]:checked');
    const manifest = this.form.querySelector('input[name="manifest"]').files.length;
    if (all || manifest || this.rows.every((row) => row.choice.value)) return true;
    const first = this.form.querySelector('input[name="label"]');
    first.setCustomValidity(this.list.dataset.missing);
    first.reportValidity();
    first.setCustomValidity("");
    return false;
  }

  async request(row, share) {
    const body = new FormData(this.form);
    body.delete("files");
    body.append("files", row.file);
    if (row.choice.value) body.set("label", row.choice.value);
    const { request, answered } = sendForm(this.form.action, body, share);
    await answered;
    const next = request.getResponseHeader("HX-Redirect");
    if (next) location.assign(next);
    return request.responseText;
  }

  outcome(answer) {
    const page = new DOMParser().parseFromString(answer, "text/html");
    const found = page.querySelector('[data-testid="outcome"], [role="alert"]');
    if (!found) throw new Error("no answer that can be shown");
    return [...found.childNodes].map((node) => document.adoptNode(node));
  }
}

customElements.define("sample-intake", SampleIntake);
