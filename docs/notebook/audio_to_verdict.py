"""From audio to a verdict, step by step: cells in percent format, opened by Jupyter or VS Code."""

# %% [markdown]
# # From audio to a verdict
#
# The whole way of a clip through the engine, with its own functions and the shipped model, on the
# clips of `fixtures/clips`. This file is made by `./voicetell render_notebook` from
# `docs/notebook/audio_to_verdict.py`, which runs every cell; nothing here is written by hand.
#
# These clips show how it works. How *good* it is, no seven clips can say: see `docs/detector.md`.

# %%
import csv
import hashlib
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from detector.engine import explain, segments, spectrum
from detector.engine.decode import Decoder
from detector.engine.judge import Judge
from detector.engine.model import Model, probability
from detector.engine.types import SAMPLE_RATE, Judgement
from detector.messages import reason_text

CLIPS = Path("fixtures/clips")
HUMAN, MACHINE = "#0072b2", "#d55e00"
model = Model.load_bundle(Path("fixtures/model"))
decoder = Decoder()
print(f"{model.name}: {len(model.schema.columns)} columns of schema {model.schema.name}")

# %% [markdown]
# ## 1. Decoding
#
# In a child process with limits on memory and time. The facts are what was found, not what the
# file's header claims. Everything after this works on 16 kHz mono.

# %%
clip = CLIPS / "fake-hibari.flac"
audio = decoder.decode(clip)
print(audio.facts)

# %% [markdown]
# ## 2. Segments
#
# Windows of 3 s, one each second. Silence is not judged.

# %%
cut = segments.cut(audio.samples)
windows = cut.speech_windows
seconds = np.arange(audio.samples.size) / SAMPLE_RATE
power = spectrum.power(spectrum.stft(audio.samples, 512, 160))
figure, (wave, picture) = plt.subplots(2, 1, figsize=(9, 4), sharex=True, layout="constrained")
wave.plot(seconds, audio.samples, color="#555555", linewidth=0.4)
for i, (start, stop) in enumerate(windows):
    wave.hlines(0.9 - 0.12 * (i % 4), start / SAMPLE_RATE, stop / SAMPLE_RATE, color=MACHINE)
wave.set(ylim=(-1, 1), title=f"{clip.name}: {len(windows)} windows of speech")
picture.imshow(
    10 * np.log10(power.T + 1e-9),
    origin="lower",
    aspect="auto",
    extent=(0, seconds[-1], 0, 8000),
    cmap="magma",
    vmin=-70,
)
picture.set(xlabel="s", ylabel="Hz")

# %% [markdown]
# ## 3. Features
#
# One row a window. Compared with the training material, in standard deviations, most columns are
# ordinary; no single one decides.

# %%
features = model.schema.compute(audio.samples, windows)
reference = model.manifest["reference"]
usual = np.array(reference["mean"], dtype=np.float32)
unusual = (features - usual) / np.array(reference["scale"], dtype=np.float32)
for family, columns in model.schema.families.items():
    part = unusual[:, columns]
    print(f"{family:14} {part.shape[1]:5} columns, typically {np.median(np.abs(part)):.2f} away")
print(
    f"novelty {model.novelty(features):.2f}; beyond {model.novelty_limit:.2f} there is no verdict"
)

# %% [markdown]
# ## 4. Scores
#
# The classifier gives each window a raw score. Calibration turns it into a log-likelihood ratio:
# how many times likelier such a score is for synthetic speech than for human speech. It trusts
# longer clips more.

# %%
raw = model.raw_scores(features)
heard = explain.covered_seconds(windows)
score = float(model.llr(raw.mean(), heard))
print("raw scores of the windows:", np.round(raw, 2))
print(f"score {score:.2f}, so {np.exp(abs(score)):.1f} to 1; probability {probability(score):.3f}")

line = np.linspace(raw.min() - 6, raw.max() + 3, 200)
figure, place = plt.subplots(figsize=(6, 3), layout="constrained")
for length, style in ((1, ":"), (3, "--"), (8, "-")):
    place.plot(
        line, probability(model.llr(line, length)), style, color="black", label=f"{length} s"
    )
place.axhspan(model.threshold, 1, color=MACHINE, alpha=0.2, label="FAKE")
place.axhspan(0, model.real_threshold, color=HUMAN, alpha=0.2, label="REAL")
place.plot(raw.mean(), probability(score), "o", color=MACHINE)
place.set(xlabel="mean raw score", ylabel="probability of FAKE")
place.legend(fontsize=8)

# %% [markdown]
# ## 5. The verdict, and why
#
# `Judge` does all of this. A weight is what the score loses when the thing is taken away.

# %%
judge = Judge(decoder, model)


def judged(path: Path) -> Judgement:
    """Judge a file as the product does."""
    return judge.judge(path, sha256=hashlib.sha256(path.read_bytes()).hexdigest())


judgement = judged(clip)
print(judgement.verdict, round(judgement.probability, 3))
for reason in judgement.reasons:
    weight = "" if reason.weight is None else f"{reason.weight:+.2f}"
    print(f"{weight:>6}  {reason_text(reason.code, reason.params)}")

# %% [markdown]
# Is that true? Set the family that counts most to what is usual, and score again.

# %%
family, weight = max(judgement.explanation.families.items(), key=lambda item: abs(item[1]))
without = features.copy()
without[:, model.schema.families[family]] = usual[model.schema.families[family]]
moved = score - float(model.llr(model.raw_scores(without).mean(), heard))
print(f"{family}: said {weight:+.3f}, found {moved:+.3f}")
assert abs(moved - weight) < 0.01

# %% [markdown]
# ## 6. All shipped clips
#
# Wrong and INCONCLUSIVE answers belong to the picture.

# %%
rows = list(csv.DictReader((CLIPS / "clips.csv").open()))
figure, place = plt.subplots(figsize=(9, 3), layout="constrained")
for i, row in enumerate(rows):
    found = judged(CLIPS / row["file"])
    colour = MACHINE if row["label"] == "fake" else HUMAN
    place.barh(i, found.probability, color=colour)
    print(
        f"{row['file']:20} is {row['label']:4}, called {found.verdict:12} {found.probability:.3f}"
    )
place.set_yticks(range(len(rows)), [row["file"] for row in rows], fontsize=8)
place.axvline(model.threshold, color="black", linestyle="--")
place.axvline(model.real_threshold, color="black", linestyle=":")
place.set(xlim=(0, 1), xlabel="probability of FAKE; FAKE from the dashed line, REAL to the dotted")
decoder.close()
