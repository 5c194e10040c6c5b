"""`deepvoice-26`: the 26 columns of the DEEP-VOICE table, equal to librosa's, from one STFT.

Means over the frames of a window of what librosa 0.11 computes with its default settings at
16 kHz: frames of 2,048 samples every 512, centred, with zeros around the window.

References
----------
Bird, J. J. and Lotfi, A. (2023). Real-time Detection of AI-Generated Speech for DeepFake Voice
Conversion. arXiv:2308.12734.
McFee, B. et al. (2015). librosa: Audio and music signal analysis in Python.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from detector.engine import spectrum
from detector.engine.schemas.schema import Schema, Windows
from detector.engine.types import SAMPLE_RATE

Array = NDArray[Any]

SIZE = 2048
HOP = 512
N_MFCC = 20
N_MELS = 128
ROLLOFF = 0.85

_TINY = np.finfo(np.float32).tiny


def compute(samples: Array, windows: Windows) -> Array:
    """Compute the 26 columns of each window, each for itself: its padding is its own."""
    return np.stack([_columns(samples[start:stop]) for start, stop in windows])


def _columns(samples: Array) -> Array:
    padded = np.pad(samples, SIZE // 2)
    # librosa transforms in double precision: a pure tone's bandwidth would show the difference.
    transform = spectrum.stft(padded.astype(np.float64), SIZE, HOP)
    magnitude = np.abs(transform.astype(np.complex64))
    power = magnitude**2
    frames = spectrum.frame(padded, SIZE, HOP)
    level = np.sqrt(np.einsum("tn,tn->t", frames, frames) / SIZE)
    centroid, bandwidth = _centroid_and_bandwidth(magnitude)
    means = [
        _chroma(power).mean(),
        level.mean(),
        centroid.mean(),
        bandwidth.mean(),
        _rolloff(magnitude).mean(),
        _zero_crossing_rate(samples).mean(),
        *_mfcc(power).mean(axis=0),
    ]
    return np.array(means, dtype=np.float32)


def _chroma(power: Array) -> Array:
    chroma = power @ spectrum.chroma_bank(SIZE, _tuning(power)).T
    peak = chroma.max(axis=1, keepdims=True)
    return chroma / np.where(peak < _TINY, 1.0, peak)


def _tuning(power: Array) -> float:
    """Deviation from A440 in semitones that most spectral peaks agree on.

    As ``librosa.estimate_tuning``: parabolic interpolation of the peaks between 150 Hz and 4 kHz
    that reach a tenth of their frame's highest, of these the stronger half, histogram of
    hundredths of a semitone.
    """
    frequencies = spectrum.frequencies(SIZE)
    low, high = np.searchsorted(frequencies, (150.0, 4000.0))
    reached = np.where(power > 0.1 * power.max(axis=1, keepdims=True), power, 0)
    reached = reached[:, low - 1 : high + 1]
    middle = reached[:, 1:-1]
    frame, peak = np.nonzero((middle > reached[:, :-2]) & (middle >= reached[:, 2:]))
    peak += low
    if not peak.size:
        return 0.0
    before, at, after = (power[frame, peak + step] for step in (-1, 0, 1))
    curvature = after + before - 2 * at
    slope = (after - before) / 2
    inside = np.abs(slope) < np.abs(curvature)
    shift = np.where(inside, -slope / np.where(inside, curvature, 1.0), 0.0).astype(np.float32)
    height = at + 0.5 * slope * shift
    pitch = ((peak + shift) * SAMPLE_RATE / SIZE).astype(np.float32)
    pitch = pitch[height >= np.median(height)]
    residual = np.mod(12 * spectrum.octaves(pitch), 1.0)
    residual[residual >= 0.5] -= 1.0
    edges = np.linspace(-0.5, 0.5, 101)
    counts, _ = np.histogram(residual, edges)
    return float(edges[np.argmax(counts)])


def _centroid_and_bandwidth(
    magnitude: Array,
) -> tuple[Array, Array]:
    """First moment of the spectrum and the root of its second central one, in Hz."""
    frequencies = spectrum.frequencies(SIZE)
    total = magnitude.sum(axis=1)
    share = magnitude / np.where(total < _TINY, 1.0, total)[:, None]
    centroid = share @ frequencies
    deviation = frequencies[None, :] - centroid[:, None]
    return centroid, np.sqrt(np.einsum("tf,tf,tf->t", share, deviation, deviation))


def _rolloff(magnitude: Array) -> Array:
    """Frequency in Hz below which 85 % of the magnitude lies."""
    running = np.cumsum(magnitude, axis=1)
    reached = running >= np.float32(ROLLOFF) * running[:, -1:]
    rolloff: Array = spectrum.frequencies(SIZE)[np.argmax(reached, axis=1)]
    return rolloff


def _zero_crossing_rate(samples: Array) -> Array:
    """Share of the samples of each frame whose sign differs from that of the sample before."""
    # The frame around a clip's edge repeats its first or last sample, so nothing crosses there.
    below = np.pad(samples < -1e-10, SIZE // 2, mode="edge")
    crossed = np.concatenate(([0, 0], np.cumsum(below[1:] != below[:-1])))
    starts = np.arange(0, below.size - SIZE + 1, HOP)
    counts = crossed[starts + SIZE] - crossed[starts + 1]
    return (counts / SIZE).astype(np.float32)


def _mfcc(power: Array) -> Array:
    mel = power @ spectrum.mel_bank(N_MELS, SIZE).T
    decibels = 10.0 * np.log10(np.maximum(mel, 1e-10))
    decibels = np.maximum(decibels, decibels.max() - 80.0)
    mfcc: Array = decibels @ spectrum.dct_matrix(N_MFCC, N_MELS).T
    return mfcc


COLUMNS = (
    "chroma_stft",
    "rms",
    "spectral_centroid",
    "spectral_bandwidth",
    "rolloff",
    "zero_crossing_rate",
    *(f"mfcc{i}" for i in range(1, N_MFCC + 1)),
)

SCHEMA = Schema(
    name="deepvoice-26",
    columns=COLUMNS,
    families={
        "chroma": slice(0, 1),
        "level": slice(1, 2),
        "spectral_shape": slice(2, 5),
        "zero_crossings": slice(5, 6),
        "mfcc": slice(6, 26),
    },
    function=compute,
)
