// Waveform, score, spectrogram and time on one axis that plays, zooms and takes keys. wavesurfer.js
// draws it over the picture that the server drew, which stays where there is nothing to play.

const NONCE = document.currentScript.nonce;
const SCORES = 168;
const SPECTROGRAM = 128;
const AXIS = 24;
const LABEL = 32;
const MOST_PIXELS_A_SECOND = 400;

class ClipPlayer extends HTMLElement {
  async connectedCallback() {
    const data = this.querySelector("#player-data");
    this.audio = this.querySelector("audio");
    this.plot = this.querySelector("[data-plot]");
    if (!data || !this.audio || !this.plot || !window.WaveSurfer) return;
    Object.assign(this, JSON.parse(data.textContent));
    // Without its picture (it may be gone) the rest is drawn all the same.
    await this.querySelector("[data-spectrogram]")?.decode().catch(() => {});
    if (!this.isConnected || this.surfer) return;
    this.draw();
    this.listen();
    this.describe();
    for (const part of this.querySelectorAll("[data-tools], [data-hint]")) part.hidden = false;
  }

  disconnectedCallback() {
    this.themes?.disconnect();
    this.surfer?.destroy();
    if (this.numbers) URL.revokeObjectURL(this.numbers);
  }

  draw() {
    const regions = WaveSurfer.Regions.create();
    const plugins = [regions];
    if (this.querySelector("[data-spectrogram]")?.naturalWidth) plugins.push(this.spectrogram());
    plugins.push(
      WaveSurfer.Timeline.create({
        height: AXIS,
        formatTimeCallback: (seconds) => this.label(seconds),
        secondaryLabelOpacity: 0.6,
      }),
    );
    this.surfer = WaveSurfer.create({
      container: this.querySelector("[data-live]"),
      cspNonce: NONCE,
      media: this.audio,
      peaks: [this.peaks.map((peak) => (0.95 * peak) / 255)],
      duration: this.duration,
      height: SCORES,
      cursorWidth: 2,
      ...this.colours(),
      plugins,
    });
    this.surfer.on("ready", () => {
      if (regions.getRegions().length) return;
      this.place(regions);
      this.plot.classList.add("is-live");
    });
    regions.on("region-clicked", (region, event) => {
      // Over the spectrogram a click goes there, as it does without a region.
      if (event.clientY - this.plot.getBoundingClientRect().top > SCORES) return;
      event.stopPropagation();
      this.hear(Number(region.id.slice(1).split(" ")[0]));
    });
  }

  // The picture's pixels are the plugin's numbers: nothing is fetched or computed again.
  spectrogram() {
    const image = this.querySelector("[data-spectrogram]");
    const { naturalWidth: width, naturalHeight: height } = image;
    const canvas = new OffscreenCanvas(width, height);
    const pen = canvas.getContext("2d", { willReadFrequently: true });
    pen.drawImage(image, 0, 0);
    const { data } = pen.getImageData(0, 0, width, height);
    const column = (x) => Array.from({ length: height }, (_, y) => data[4 * ((height - 1 - y) * width + x)]);
    const rows = JSON.stringify([Array.from({ length: width }, (_, x) => column(x))]);
    this.numbers = URL.createObjectURL(new Blob([rows], { type: "application/json" }));
    return WaveSurfer.Spectrogram.create({
      height: SPECTROGRAM,
      sampleRate: 16000,
      frequencyMax: 8000,
      scale: "linear",
      colorMap: Array.from({ length: 256 }, (_, level) => [level / 255, level / 255, level / 255, 1]),
      labels: false,
      frequenciesDataUrl: this.numbers,
    });
  }

  // Segments that were left out for one reason are one region; each of the others is its own.
  place(regions) {
    for (const [index, segment] of this.segments.entries()) {
      const before = this.segments[index - 1];
      if (!segment.zone && before?.kind === segment.kind) continue;
      let last = index;
      while (!segment.zone && this.segments[last + 1]?.kind === segment.kind) last += 1;
      const { element } = regions.addRegion({
        // What follows the number becomes part names, by which the style sheet knows it.
        id: segment.zone ? `s${index}` : `s${index} gap is-${segment.kind}`,
        start: segment.left,
        end: this.segments[last].right,
        drag: false,
        resize: false,
        color: "transparent",
      });
      element.title = this.words(segment);
      if (segment.zone) element.append(bar(segment));
    }
  }

  listen() {
    this.surfer.on("timeupdate", () => this.follow());
    this.surfer.on("seeking", () => this.follow());
    for (const name of ["play", "pause"]) {
      this.surfer.on(name, () => this.classList.toggle("is-playing", this.surfer.isPlaying()));
    }
    this.addEventListener("click", (event) => {
      const control = event.target.closest("[data-act], [data-hear]");
      if (!control) return;
      if (control.dataset.hear) this.hear(Number(control.dataset.hear));
      else this.act(control.dataset.act);
    });
    this.plot.addEventListener("keydown", (event) => this.press(event));
    this.themes = new MutationObserver(() => this.recolour());
    this.themes.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.recolour());
  }

  describe() {
    this.plot.tabIndex = 0;
    for (const [name, value] of Object.entries({
      role: "slider",
      "aria-label": this.dataset.label,
      "aria-valuemin": 0,
      "aria-valuemax": this.duration.toFixed(1),
    })) {
      this.plot.setAttribute(name, value);
    }
    this.follow();
  }

  hear(index) {
    const segment = this.segments[index];
    if (segment) this.surfer.play(segment.start, segment.end);
  }

  act(what) {
    const actions = {
      play: () => this.surfer.playPause(),
      earlier: () => this.hear(Math.max(0, this.index() - 1)),
      later: () => this.hear(Math.min(this.segments.length - 1, this.index() + 1)),
      in: () => this.zoom(2),
      out: () => this.zoom(0.5),
      fit: () => this.zoom(0),
    };
    actions[what]();
  }

  press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const now = this.surfer.getCurrentTime();
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
    const acts = {
      " ": "play",
      Enter: "play",
      n: "later",
      p: "earlier",
      "+": "in",
      "=": "in",
      "-": "out",
      0: "fit",
    };
    if (event.key in places) {
      this.surfer.setTime(Math.min(Math.max(places[event.key], 0), this.duration));
    } else if (event.key in acts) {
      this.act(acts[event.key]);
    } else {
      return;
    }
    event.preventDefault();
  }

  // Pixels a second at which the whole clip is in sight.
  get fit() {
    return this.plot.clientWidth / this.duration;
  }

  // A label stands to the right of its mark; before the end there may be no room for one.
  label(seconds) {
    const room = (this.duration - seconds) * (this.pixels ?? this.fit);
    return room < LABEL ? "" : clock(seconds);
  }

  zoom(factor) {
    const { fit } = this;
    const wanted = factor * (this.pixels ?? fit);
    this.pixels = Math.min(Math.max(wanted, fit), Math.max(fit, MOST_PIXELS_A_SECOND));
    this.surfer.zoom(this.pixels);
    this.plot.dataset.zoom = (this.pixels / fit).toFixed(1);
  }

  follow() {
    const now = this.surfer.getCurrentTime();
    const segment = this.segments[this.index()];
    const text = `${clock(now)} · ${this.words(segment)}`;
    this.querySelector("[data-now]").textContent = text;
    this.plot.setAttribute("aria-valuenow", now.toFixed(1));
    this.plot.setAttribute("aria-valuetext", text);
  }

  index() {
    const now = this.surfer.getCurrentTime();
    const found = this.segments.findIndex((segment) => now < segment.right);
    return found < 0 ? this.segments.length - 1 : found;
  }

  words(segment) {
    const what = segment.zone
      ? `${segment.percent} ${this.dataset.synthetic}`
      : this.dataset[segment.kind].trim();
    return `${segment.text}: ${what}`;
  }

  // A canvas takes no light-dark(): what the style sheet came to is read from elements.
  colours() {
    const wave = getComputedStyle(this.querySelector(".wave")).fill;
    return {
      waveColor: wave,
      progressColor: wave,
      cursorColor: getComputedStyle(this.plot).color,
    };
  }

  recolour() {
    this.surfer.setOptions(this.colours());
  }
}

function bar(segment) {
  const height = Math.max(3, segment.share * SCORES);
  const shape = document.createElement("div");
  Object.assign(shape.style, {
    position: "absolute",
    insetInline: "0",
    top: `${SCORES - height}px`,
    height: `${height}px`,
  });
  shape.setAttribute("part", `bar bar-${segment.zone}`);
  return shape;
}

function clock(seconds) {
  const tenths = Math.round(seconds * 10);
  const text = `${Math.floor(tenths / 600)}:${String(Math.floor((tenths % 600) / 10)).padStart(2, "0")}`;
  return tenths % 10 ? `${text}.${tenths % 10}` : text;
}

customElements.define("clip-player", ClipPlayer);
