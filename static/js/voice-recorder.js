// Records from the microphone: counts down, shows the level, lets one listen, then hands the
// recording over as a file (event "recorded").

const FORMATS = ["audio/webm;codecs=opus", "audio/ogg;codecs=opus", "audio/mp4"];
const LEAD_IN = 3;
const QUIETEST_DB = -60;

class VoiceRecorder extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (!button) return;
      if ("start" in button.dataset) this.start();
      else if ("stop" in button.dataset) this.recorder?.stop();
      else if ("drop" in button.dataset) this.discard();
      else if ("send" in button.dataset) this.send();
    });
  }

  disconnectedCallback() {
    this.discard();
  }

  find(name) {
    return this.querySelector(`[data-${name}]`);
  }

  show(name) {
    for (const part of ["recording", "review", "problem"]) this.find(part).hidden = part !== name;
    this.querySelector("button[data-start]").hidden = name === "recording" || name === "review";
  }

  async start() {
    this.discard();
    if (!navigator.mediaDevices?.getUserMedia || !window.MediaRecorder) return this.fail("insecure");
    try {
      // What a browser does to please the ear is what a detector must not hear.
      this.stream = await navigator.mediaDevices.getUserMedia({
        audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false },
      });
    } catch (error) {
      return this.fail(error.name === "NotFoundError" ? "missing" : "denied");
    }
    this.show("recording");
    this.measure();
    this.count(LEAD_IN);
  }

  count(left) {
    if (!this.stream) return;
    if (left === 0) {
      this.record();
      return;
    }
    this.find("state").textContent = this.dataset.ready.replace("{count}", left);
    this.timer = setTimeout(() => this.count(left - 1), 1000);
  }

  record() {
    const mimeType = FORMATS.find((format) => MediaRecorder.isTypeSupported(format));
    const pieces = [];
    const recorder = new MediaRecorder(this.stream, { mimeType, audioBitsPerSecond: 128000 });
    recorder.addEventListener("dataavailable", (event) => pieces.push(event.data));
    recorder.addEventListener("stop", () => {
      // Unless it was discarded meanwhile.
      if (this.recorder === recorder) this.review(new Blob(pieces, { type: mimeType }));
    });
    recorder.start();
    this.recorder = recorder;
    this.left = Number(this.dataset.seconds);
    this.tick();
  }

  tick() {
    if (this.recorder?.state !== "recording") return;
    const left = `${Math.floor(this.left / 60)}:${String(this.left % 60).padStart(2, "0")}`;
    this.find("state").textContent = this.dataset.left.replace("{left}", left);
    if (this.left === 0) {
      this.recorder.stop();
      return;
    }
    this.left -= 1;
    this.timer = setTimeout(() => this.tick(), 1000);
  }

  measure() {
    this.context = new AudioContext();
    const analyser = this.context.createAnalyser();
    this.context.createMediaStreamSource(this.stream).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    const look = () => {
      if (!this.context) return;
      analyser.getFloatTimeDomainData(samples);
      const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
      const db = 10 * Math.log10(power + 1e-9);
      this.find("level").value = Math.min(1, Math.max(0, 1 - db / QUIETEST_DB));
      requestAnimationFrame(look);
    };
    look();
  }

  review(recording) {
    this.release();
    if (!recording.size) return;
    const now = new Date();
    const [date, time] = new Date(now - now.getTimezoneOffset() * 60000).toISOString().split("T");
    const suffix = recording.type.match(/webm|ogg|mp4/)?.[0] ?? "webm";
    const name = `${this.dataset.name} ${date} ${time.slice(0, 8).replaceAll(":", ".")}.${suffix}`;
    this.file = new File([recording], name, { type: recording.type });
    this.find("preview").src = URL.createObjectURL(this.file);
    this.show("review");
    this.find("send").focus();
  }

  send() {
    this.find("preview").pause();
    this.dispatchEvent(new CustomEvent("recorded", { bubbles: true, detail: this.file }));
    this.discard();
  }

  discard() {
    this.release();
    const preview = this.find("preview");
    if (preview?.src) {
      URL.revokeObjectURL(preview.src);
      preview.removeAttribute("src");
    }
    this.file = null;
    if (this.isConnected) this.show(null);
  }

  // The browser's sign that it listens must go out as soon as nothing is recorded any more.
  release() {
    clearTimeout(this.timer);
    const recorder = this.recorder;
    this.recorder = null;
    if (recorder?.state === "recording") recorder.stop();
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    this.stream = null;
    this.context?.close();
    this.context = null;
  }

  fail(why) {
    this.release();
    this.show("problem");
    this.find("problem").textContent = this.dataset[why];
  }
}

customElements.define("voice-recorder", VoiceRecorder);
