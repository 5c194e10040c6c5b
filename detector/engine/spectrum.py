"""Short-time spectra and filter banks, in numpy: the ground under every feature schema.

All spectra are laid out frames first: (n_frames, n_bins). Filter banks are (n_filters, n_bins)
and cached, so the first window of a process pays for them once.

The mel and chroma banks are those of librosa 0.11 with its default settings (Slaney's Auditory
Toolbox mel scale; Ellis' chroma bank), written here because librosa loads a compiler with it.
"""

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.fft import rfft
from scipy.signal import get_window

from detector.engine.types import SAMPLE_RATE

Float32Array = NDArray[np.float32]


def frame(samples: NDArray[Any], size: int, hop: int) -> NDArray[Any]:
    """Cut overlapping frames, without a copy.

    Parameters
    ----------
    samples : ndarray of shape (n_samples,)
        At least `size` samples.
    size, hop : int
        Length of a frame and distance between two, in samples.

    Returns
    -------
    ndarray of shape (1 + (n_samples - size) // hop, size)
        A read-only view of `samples`.
    """
    return np.lib.stride_tricks.sliding_window_view(samples, size)[::hop]


@lru_cache(maxsize=8)
def hann(size: int) -> NDArray[np.float64]:
    """Periodic Hann window of shape (size,)."""
    window: NDArray[np.float64] = get_window("hann", size, fftbins=True)
    window.flags.writeable = False
    return window


def stft(samples: NDArray[Any], size: int, hop: int) -> NDArray[Any]:
    """Short-time Fourier transform under a Hann window, of whole frames only (no padding).

    Parameters
    ----------
    samples : ndarray of shape (n_samples,), float32 or float64
        At least `size` samples.
    size, hop : int
        Length of a frame and distance between two, in samples.

    Returns
    -------
    ndarray of shape (n_frames, size // 2 + 1)
        In the precision of `samples`: complex64 or complex128.
    """
    window = hann(size).astype(samples.dtype)
    spectrum: NDArray[Any] = rfft(frame(samples, size, hop) * window, workers=1)
    return spectrum


def power(spectrum: NDArray[Any]) -> NDArray[Any]:
    """Squared magnitude of a complex spectrum, same shape."""
    result: NDArray[Any] = spectrum.real**2 + spectrum.imag**2
    return result


@lru_cache(maxsize=8)
def frequencies(size: int) -> Float32Array:
    """Centre frequencies in Hz of the size // 2 + 1 bins of a spectrum of `size` samples."""
    return np.fft.rfftfreq(size, 1.0 / SAMPLE_RATE).astype(np.float32)


@lru_cache(maxsize=8)
def triangles(edges: tuple[float, ...], size: int) -> Float32Array:
    """Overlapping triangular filters of height 1.

    Parameters
    ----------
    edges : tuple of float
        Rising frequencies in Hz: filter i rises from edges[i] to edges[i + 1] and falls to
        edges[i + 2].
    size : int
        Length of the frames that the spectrum was made of.

    Returns
    -------
    ndarray of shape (len(edges) - 2, size // 2 + 1)
    """
    points = np.asarray(edges, dtype=np.float64)
    widths = np.diff(points)
    ramps = points[:, None] - np.fft.rfftfreq(size, 1.0 / SAMPLE_RATE)[None, :]
    rising = -ramps[:-2] / widths[:-1, None]
    falling = ramps[2:] / widths[1:, None]
    bank: Float32Array = np.maximum(0.0, np.minimum(rising, falling)).astype(np.float32)
    return bank


@lru_cache(maxsize=8)
def linear_bank(n_filters: int, size: int) -> Float32Array:
    """Triangles evenly spaced from 0 Hz to 8 kHz, each of area 1: (n_filters, size // 2 + 1)."""
    edges = np.linspace(0.0, SAMPLE_RATE / 2, n_filters + 2)
    bank = triangles(tuple(edges.tolist()), size)
    unit: Float32Array = bank / bank.sum(axis=1, keepdims=True)
    return unit


@lru_cache(maxsize=4)
def mel_bank(n_filters: int, size: int) -> Float32Array:
    """Slaney's mel filter bank from 0 Hz to 8 kHz, of constant energy per filter.

    Returns
    -------
    ndarray of shape (n_filters, size // 2 + 1)
        Equal to ``librosa.filters.mel(sr=16000, n_fft=size, n_mels=n_filters)``.

    References
    ----------
    Slaney, M. (1998). Auditory Toolbox, version 2.
    """
    top = _hz_to_mel(np.array(SAMPLE_RATE / 2))
    edges = _mel_to_hz(np.linspace(0.0, top, n_filters + 2))
    bank = triangles(tuple(edges.tolist()), size)
    return (bank * (2.0 / (edges[2:] - edges[:-2]))[:, None]).astype(np.float32)


_MEL_LINEAR_HZ = 200.0 / 3  # Slaney: linear below 1 kHz, logarithmic above.
_MEL_KNEE = 1000.0 / _MEL_LINEAR_HZ
_MEL_LOG_STEP = np.log(6.4) / 27.0


def _hz_to_mel(hz: NDArray[np.float64]) -> NDArray[np.float64]:
    logarithmic = _MEL_KNEE + np.log(np.maximum(hz, 1000.0) / 1000.0) / _MEL_LOG_STEP
    return np.where(hz < 1000.0, hz / _MEL_LINEAR_HZ, logarithmic)


def _mel_to_hz(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    logarithmic = 1000.0 * np.exp(_MEL_LOG_STEP * (np.maximum(mel, _MEL_KNEE) - _MEL_KNEE))
    return np.where(mel < _MEL_KNEE, mel * _MEL_LINEAR_HZ, logarithmic)


@lru_cache(maxsize=128)  # Tunings come in hundredths of a semitone.
def chroma_bank(size: int, tuning: float) -> Float32Array:
    """Filter bank that folds a spectrum onto the 12 pitch classes.

    Parameters
    ----------
    size : int
        Length of the frames that the spectrum was made of.
    tuning : float
        Deviation from A440 in semitones.

    Returns
    -------
    ndarray of shape (12, size // 2 + 1)
        Equal to ``librosa.filters.chroma(sr=16000, n_fft=size, tuning=tuning)``.
    """
    n_chroma = 12
    hz = np.linspace(0, SAMPLE_RATE, size, endpoint=False)[1:]
    semitones = n_chroma * octaves(hz, tuning)
    # Bin 0 has no logarithm: it is put 1.5 octaves below bin 1.
    semitones = np.concatenate(([semitones[0] - 1.5 * n_chroma], semitones))
    widths = np.concatenate((np.maximum(np.diff(semitones), 1.0), [1.0]))
    distance = semitones[None, :] - np.arange(n_chroma, dtype=np.float64)[:, None]
    half = n_chroma / 2
    distance = np.remainder(distance + half + 10 * n_chroma, n_chroma) - half
    bank = np.exp(-0.5 * (2 * distance / widths) ** 2)
    bank /= np.sqrt((bank**2).sum(axis=0))
    bank *= np.exp(-0.5 * ((semitones / n_chroma - 5.0) / 2.0) ** 2)
    bank = np.roll(bank, -3, axis=0)  # from A to C as the first class
    return np.ascontiguousarray(bank[:, : size // 2 + 1], dtype=np.float32)


def octaves(hz: NDArray[Any], tuning: float = 0.0) -> NDArray[Any]:
    """Octaves above A0 (27.5 Hz), for a deviation from A440 of `tuning` semitones."""
    a440 = 440.0 * 2.0 ** (tuning / 12)
    above: NDArray[Any] = np.log2(hz / (a440 / 16)).astype(hz.dtype, copy=False)
    return above


@lru_cache(maxsize=8)
def dct_matrix(n_out: int, n_in: int) -> Float32Array:
    """Orthonormal DCT-II as a matrix of shape (n_out, n_in)."""
    k = np.arange(n_out)[:, None]
    n = np.arange(n_in)[None, :]
    matrix = np.cos(np.pi * k * (2 * n + 1) / (2 * n_in)) * np.sqrt(2.0 / n_in)
    matrix[0] /= np.sqrt(2.0)
    orthonormal: Float32Array = matrix.astype(np.float32)
    return orthonormal
