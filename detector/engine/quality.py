"""What can be measured of a clip beside its voice: level, bandwidth, clipping."""

import numpy as np
from numpy.typing import NDArray

from detector.engine import spectrum
from detector.engine.types import SAMPLE_RATE

SIZE = 1024
MOST_FRAMES = 1000
BAND_FLOOR_DB = 55.0
CLIPPED_AT = 0.999


def measure(samples: NDArray[np.float32]) -> dict[str, float]:
    """Measure a clip.

    Parameters
    ----------
    samples : ndarray of shape (n,)
        Mono float32 at 16 kHz, at least one sample.

    Returns
    -------
    dict
        ``level_dbfs`` (root mean square, 0 for full scale), ``clipped_share`` (of the samples, 0
        to 1) and ``bandwidth_hz``.
    """
    mean_square = float(np.dot(samples, samples)) / samples.size
    return {
        "level_dbfs": round(10 * float(np.log10(mean_square + 1e-12)), 1),
        "clipped_share": round(float(np.mean(np.abs(samples) >= CLIPPED_AT)), 5),
        "bandwidth_hz": round(bandwidth(samples)),
    }


def bandwidth(samples: NDArray[np.float32]) -> float:
    """Highest frequency in Hz that comes within 55 dB of the strongest.

    Taken from the mean power spectrum of at most 1,000 frames spread over the clip.
    """
    padded = np.pad(samples, (0, max(0, SIZE - samples.size)))
    frames = spectrum.frame(padded, SIZE, SIZE)
    frames = frames[:: max(1, len(frames) // MOST_FRAMES)]
    power = spectrum.power(np.fft.rfft(frames * spectrum.hann(SIZE))).mean(axis=0)
    heard = np.flatnonzero(power > power.max() * 10 ** (-BAND_FLOOR_DB / 10))
    return float(heard[-1] * SAMPLE_RATE / SIZE) if heard.size else 0.0
