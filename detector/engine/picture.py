"""What a clip looks like: its waveform and its spectrogram, small enough to be kept with it.

Both have the same columns over the whole clip, so that one axis of time serves both. They are for
eyes only: nothing is judged by them.
"""

import struct
import zlib

import numpy as np
from numpy.typing import NDArray
from scipy.fft import rfft

from detector.engine import spectrum
from detector.engine.types import Picture

MOST_COLUMNS = 480
LEAST_HOP = 128
"""Samples that a column stands for at least: 8 ms."""
BANDS = 96
FRAME = 512
FRAMES_PER_COLUMN = 3
"""Frames that a long column is the mean of, at most: a clip of ten minutes costs no more."""
RANGE_DB = 72.0
"""What lies that far below the strongest band is drawn black."""
FAINTEST_DB = -30.0
"""A clip that stays below this is drawn dark, not lifted to full brightness. (Of a band's power,
where a full-scale tone reaches some 36 dB.)"""
LEVELS = 24


def draw(samples: NDArray[np.float32]) -> Picture:
    """Draw a clip.

    Parameters
    ----------
    samples : ndarray of shape (n,)
        Mono float32 at 16 kHz, at least one sample.
    """
    columns = min(MOST_COLUMNS, max(1, samples.size // LEAST_HOP))
    return Picture(_peaks(samples, columns), _png(_levels(samples, columns)))


def _peaks(samples: NDArray[np.float32], columns: int) -> bytes:
    edges = np.arange(columns) * samples.size // columns
    high = np.maximum.reduceat(samples, edges)
    low = np.minimum.reduceat(samples, edges)
    peaks = np.maximum(high, -low)
    largest = float(peaks.max())
    shares = peaks / largest if largest > 0 else peaks
    return (255 * shares).round().clip(0, 255).astype(np.uint8).tobytes()


def _levels(samples: NDArray[np.float32], columns: int) -> NDArray[np.uint8]:
    """Return the spectrogram's pixels, shape (BANDS, columns), the highest band first."""
    per_column = min(FRAMES_PER_COLUMN, max(1, samples.size // columns // FRAME))
    count = columns * per_column
    # Frames centred at even distances; half a frame of silence before and after the clip.
    starts = ((np.arange(count) + 0.5) * samples.size / count).astype(np.intp)
    whole = np.pad(samples, (FRAME // 2, FRAME // 2))
    frames = spectrum.frame(whole, FRAME, 1)[starts]
    window = spectrum.hann(FRAME).astype(np.float32)
    power = spectrum.power(rfft(frames * window, workers=1))
    power = power.reshape(columns, per_column, -1).mean(axis=1)
    bands = power @ spectrum.linear_bank(BANDS, FRAME).T
    db = 10 * np.log10(bands + np.float32(1e-12))
    strongest = max(float(db.max()), FAINTEST_DB)
    shares = ((db - strongest) / RANGE_DB + 1).clip(0, 1)
    # Few levels: the eye tells no more apart, and the picture is a third of the size.
    levels = (shares * (LEVELS - 1)).round() * (255 / (LEVELS - 1))
    return np.ascontiguousarray(levels.astype(np.uint8).T[::-1])


def _png(pixels: NDArray[np.uint8]) -> bytes:
    """Encode grey pixels, shape (height, width), as PNG (ISO/IEC 15948)."""
    height, width = pixels.shape
    rows = np.zeros((height, width + 1), np.uint8)  # each row starts with its filter: none
    rows[:, 1:] = pixels
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(rows.tobytes(), 4)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )
