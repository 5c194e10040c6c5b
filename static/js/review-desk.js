// Keys of the review queue. They work only while the focus is on the desk and not in a text field,
// so that they cannot surprise anybody who types or speaks to the page elsewhere.

class ReviewDesk extends HTMLElement {
  connectedCallback() {
    this.addEventListener("keydown", (event) => this.press(event));
    this.focus({ preventScroll: true });
  }

  press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.matches('input[type="text"], textarea, select')) return;
    const key = event.key.toLowerCase();
    const label = { h: "real", s: "fake" }[key];
    if (label) {
      const choice = this.querySelector(`input[name="label"][value="${label}"]`);
      choice.checked = true;
      choice.focus();
    } else if (key === " ") {
      // On a button or a box, space keeps its meaning.
      if (event.target.matches("button, input, a, audio, summary")) return;
      const player = this.querySelector("audio");
      if (!player) return;
      if (player.paused) player.play();
      else player.pause();
    } else {
      const control = this.querySelector(`[aria-keyshortcuts="${CSS.escape(key)}"]`);
      if (!control) return;
      control.click();
    }
    event.preventDefault();
  }
}

customElements.define("review-desk", ReviewDesk);
