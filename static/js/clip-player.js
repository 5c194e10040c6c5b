// Ties the timeline to the player: a line that follows the sound, a click that moves it, and the
// keys of a slider.

class ClipPlayer extends HTMLElement {
  connectedCallback() {
    this.audio = this.querySelector("audio");
    this.plot = this.querySelector("[data-plot]");
    if (!this.audio || !this.plot) return;
    this.playhead = this.plot.querySelector("[data-playhead]");
    this.duration = Number(this.plot.dataset.duration);
    this.plot.tabIndex = 0;
    for (const [name, value] of Object.entries({
      role: "slider",
      "aria-label": this.dataset.label,
      "aria-valuemin": 0,
      "aria-valuemax": this.duration,
    })) {
      this.plot.setAttribute(name, value);
    }
    this.follow();
    for (const name of ["seeking", "seeked", "timeupdate", "ended"]) {
      this.audio.addEventListener(name, () => this.follow());
    }
    this.audio.addEventListener("play", () => this.step());
    this.plot.addEventListener("click", (event) => {
      const box = this.plot.getBoundingClientRect();
      this.seek(((event.clientX - box.left) / box.width) * this.duration);
    });
    this.plot.addEventListener("keydown", (event) => this.press(event));
  }

  seek(seconds) {
    this.audio.currentTime = Math.min(Math.max(seconds, 0), this.duration);
    this.follow();
  }

  press(event) {
    const now = this.audio.currentTime;
    const places = {
      ArrowLeft: now - 1,
      ArrowDown: now - 1,
      ArrowRight: now + 1,
      ArrowUp: now + 1,
      PageDown: now - 10,
      PageUp: now + 10,
      Home: 0,
      End: this.duration,
    };
    if (event.key in places) {
      this.seek(places[event.key]);
    } else if (event.key === " " || event.key === "Enter") {
      if (this.audio.paused) this.audio.play();
      else this.audio.pause();
    } else {
      return;
    }
    event.preventDefault();
  }

  step() {
    this.follow();
    if (!this.audio.paused && this.isConnected) requestAnimationFrame(() => this.step());
  }

  follow() {
    const now = this.audio.currentTime;
    const place = `${(100 * Math.min(now / this.duration, 1)).toFixed(3)}%`;
    this.playhead.setAttribute("x1", place);
    this.playhead.setAttribute("x2", place);
    this.playhead.setAttribute("visibility", now > 0 ? "visible" : "hidden");
    this.plot.setAttribute("aria-valuenow", now.toFixed(1));
    this.plot.setAttribute("aria-valuetext", `${now.toFixed(1)} s`);
  }
}

customElements.define("clip-player", ClipPlayer);
