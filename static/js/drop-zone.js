// Sends clips as soon as they are dropped or chosen, with progress. The form inside does the same
// without this file.

class DropZone extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form");
    this.files = this.form.querySelector('input[type="file"]');
    this.sending = this.querySelector("[data-sending]");
    this.refused = this.querySelector("[data-refused]");
    this.files.addEventListener("change", () => this.send());
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.send();
    });
    this.querySelector("[data-stop]").addEventListener("click", () => this.request?.abort());
    // Files may be dropped anywhere; a near miss must not make the browser leave the page.
    let depth = 0;
    addEventListener("dragenter", (event) => this.mark(carriesFiles(event) && ++depth));
    addEventListener("dragleave", (event) => this.mark(carriesFiles(event) && --depth));
    addEventListener("dragover", (event) => {
      if (carriesFiles(event)) event.preventDefault();
    });
    addEventListener("drop", (event) => {
      depth = 0;
      this.mark(false);
      if (!event.dataTransfer.files.length) return;
      event.preventDefault();
      if (this.request) return;
      this.files.files = event.dataTransfer.files;
      this.send();
    });
    // Back from the verdict, the page may still hold what was sent.
    addEventListener("pageshow", () => this.form.reset());
  }

  mark(isOver) {
    this.form.classList.toggle("is-over", Boolean(isOver));
  }

  send() {
    const files = [...this.files.files];
    if (!files.length || this.request) return;
    const body = new FormData(this.form);
    this.refused.replaceChildren();
    this.show(files);
    const request = (this.request = new XMLHttpRequest());
    const progress = this.sending.querySelector("progress");
    request.upload.addEventListener("progress", (event) => {
      progress.value = event.lengthComputable ? (100 * event.loaded) / event.total : 0;
    });
    request.addEventListener("load", () => this.done(request));
    request.addEventListener("error", () => this.lost());
    request.addEventListener("abort", () => this.show(null));
    request.open("POST", this.form.action);
    request.setRequestHeader("HX-Request", "true");
    request.send(body);
  }

  done(request) {
    const next = request.getResponseHeader("HX-Redirect");
    if (next) {
      location.assign(next);
      return;
    }
    const answer = new DOMParser().parseFromString(request.responseText, "text/html");
    const refused = answer.querySelector('[role="alert"], [data-testid="error"]');
    if (refused) {
      this.show(null);
      this.refused.replaceChildren(document.adoptNode(refused));
    } else {
      this.lost();
    }
  }

  lost() {
    this.show(null);
    this.refused.replaceChildren(this.querySelector("[data-lost]").content.cloneNode(true));
  }

  show(files) {
    this.sending.hidden = !files;
    this.querySelector("[data-choose]").hidden = Boolean(files);
    if (!files) {
      this.request = null;
      this.form.reset();
      return;
    }
    const text = this.querySelector("[data-sending-text]");
    text.textContent =
      files.length === 1
        ? text.dataset.one.replace("{name}", () => files[0].name)
        : text.dataset.many.replace("{count}", files.length);
    this.sending.querySelector("progress").value = 0;
  }
}

function carriesFiles(event) {
  return event.dataTransfer?.types.includes("Files");
}

customElements.define("drop-zone", DropZone);
