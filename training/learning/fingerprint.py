"""Finding the same recording again: constellations of spectral peaks.

A recording is its loudest points in time and frequency, which survive lossy codecs, telephone
bands, changes of level and cutting. Pairs of neighbouring peaks are hashed; two clips hold the same
recording where many hashes agree at one and the same shift in time. After Wang, A. (2003). An
industrial-strength audio search algorithm.

How well it does, measured: docs/training-centre.md.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter

from detector.engine import spectrum
from training.learning.table import Features

Landmarks = NDArray[np.int32]

FRAME, HOP = 1024, 256
BAND = slice(16, 240)
"""250 to 3,750 Hz: what a telephone line leaves."""
REACH_BINS, REACH_FRAMES = 8, 8
RANGE_DB = 45.0
PAIRS = 4
LEAST_GAP, LARGEST_GAP, LARGEST_JUMP = 2, 63, 63

KEY_SHARE = 4
"""One hash in so many is a key to look up, by its value alone: any part of a clip keeps its own."""
LEAST_AGREEING = 8
LEAST_SHARE = 0.05


def landmarks(samples: Features) -> Landmarks:
    """Find the landmarks of a clip.

    Parameters
    ----------
    samples : ndarray of shape (n_samples,)
        Mono float32 at 16 kHz.

    Returns
    -------
    ndarray of shape (n, 2), int32
        Hash (22 bits) and frame of each, in order of time.
    """
    whole = np.pad(samples, (0, max(0, FRAME - samples.size)))
    level = 10 * np.log10(spectrum.power(spectrum.stft(whole, FRAME, HOP))[:, BAND] + 1e-12)
    around = maximum_filter(level, (2 * REACH_FRAMES + 1, 2 * REACH_BINS + 1), mode="nearest")
    frames, bins = np.nonzero((level == around) & (level > level.max() - RANGE_DB))
    found = []
    for distance in range(1, 4 * PAIRS + 1):
        gap = frames[distance:] - frames[:-distance]
        jump = bins[distance:] - bins[:-distance]
        near = (gap >= LEAST_GAP) & (gap <= LARGEST_GAP) & (np.abs(jump) <= LARGEST_JUMP)
        start = np.flatnonzero(near)
        code = bins[start] << 14 | (jump[start] + LARGEST_JUMP) << 6 | gap[start]
        found.append(np.stack([start, code, frames[start]], axis=1))
    pairs = np.concatenate(found)
    pairs = pairs[np.argsort(pairs[:, 0], kind="stable")]
    first = np.searchsorted(pairs[:, 0], pairs[:, 0])
    nearest = np.arange(len(pairs)) - first < PAIRS
    return np.asarray(pairs[nearest, 1:], dtype=np.int32)


def keys(found: Landmarks) -> NDArray[np.int32]:
    """Return the hashes, sorted and each once, by which a clip is looked up among many."""
    hashes = np.unique(found[:, 0])
    spread = (hashes.astype(np.uint32) * np.uint32(2_654_435_761)) >> np.uint32(16)
    return np.asarray(hashes[spread % KEY_SHARE == 0], dtype=np.int32)


def agreement(a: Landmarks, b: Landmarks) -> tuple[int, float]:
    """Count the landmarks that two clips share at the shift in time that most agree on.

    Returns
    -------
    agreeing : int
    share : float
        Of the landmarks of the clip that has fewer.
    """
    order = np.argsort(b[:, 0], kind="stable")
    hashes, times = b[order, 0], b[order, 1]
    low, high = (np.searchsorted(hashes, a[:, 0], side=side) for side in ("left", "right"))
    count = high - low
    place = np.repeat(np.arange(len(a)), count)
    partner = (
        np.repeat(low, count) + np.arange(len(place)) - np.repeat(np.cumsum(count) - count, count)
    )
    shift = a[place, 1] - times[partner]
    if not len(shift):
        return 0, 0.0
    votes = np.bincount(shift - shift.min())
    # A shift by part of a hop falls on either side.
    agreeing = int(np.convolve(votes, [1, 1], mode="full").max())
    return agreeing, agreeing / min(len(a), len(b))


def is_same_recording(a: Landmarks, b: Landmarks) -> bool:
    """Whether two clips hold, at least in part, one recording."""
    agreeing, share = agreement(a, b)
    return agreeing >= LEAST_AGREEING and share >= LEAST_SHARE
