"""Signals for the tests of the features: the shipped clips, and what can be said in a formula."""

from math import gcd
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray
from scipy.signal import resample_poly

RATE = 16_000
CLIPS = Path(__file__).parents[2] / "fixtures" / "clips"


def clip(name: str) -> NDArray[np.float32]:
    """A shipped clip at 16 kHz, mono."""
    samples, rate = soundfile.read(CLIPS / name, dtype="float32", always_2d=True)
    common = gcd(rate, RATE)
    return resample_poly(samples.mean(axis=1), RATE // common, rate // common).astype(np.float32)


def noise(seconds: float = 3.0, colour: float = 0.0) -> NDArray[np.float32]:
    """Noise at -20 dBFS whose power falls with frequency to the power of `colour`."""
    n = int(seconds * RATE)
    spectrum = np.fft.rfft(np.random.default_rng(7).standard_normal(n))
    spectrum /= np.maximum(np.arange(spectrum.size), n * 20 / RATE) ** (colour / 2)
    samples = np.fft.irfft(spectrum, n)
    return (0.1 * samples / samples.std()).astype(np.float32)


def tone(hertz: float = 440.0, seconds: float = 3.0) -> NDArray[np.float32]:
    """A steady sine at -10 dBFS."""
    return (0.3 * np.sin(2 * np.pi * hertz * np.arange(int(seconds * RATE)) / RATE)).astype(
        np.float32
    )


def silence(seconds: float = 3.0) -> NDArray[np.float32]:
    """Digital silence."""
    return np.zeros(int(seconds * RATE), dtype=np.float32)


def click() -> NDArray[np.float32]:
    """One full-scale sample in a second of digital silence."""
    samples = silence(1.0)
    samples[5000] = 1.0
    return samples


SPEECH = ("real-librivox.flac", "real-prompt.wav", "fake-hibari.flac", "fake-world.flac")

ODD = {
    "silence": silence(),
    "noise": noise(),
    "tone": tone(),
    "click": click(),
    "offset": np.full(RATE, 0.25, dtype=np.float32),
    "full-scale square": np.sign(tone(100.0)),
    "half a second of noise": noise(0.5),
    "half a second of silence": silence(0.5),
    "one sample": np.full(1, 0.5, dtype=np.float32),
}
