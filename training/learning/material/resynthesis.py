"""Real clips said again by a vocoder: the recording chain stays, only the artefact is new."""

import numpy as np
from scipy.signal import istft, stft

from detector.engine.types import SAMPLE_RATE
from training.learning.material.audio import Samples

_FFT = 1024
_HOP = 256


def griffin_lim(samples: Samples, n_mels: int = 80, iterations: int = 32, seed: int = 0) -> Samples:
    """Rebuild the phase of a mel spectrogram of 16 kHz audio.

    The mel spectrogram (power 1, `n_mels` bands) is inverted by least squares, then 32 rounds
    of Griffin and Lim (1984).
    """
    # librosa is a development tool: not importable where the product runs.
    from librosa.filters import mel

    bands = mel(sr=SAMPLE_RATE, n_fft=_FFT, n_mels=n_mels)
    magnitude = np.abs(_stft(samples))
    magnitude = np.maximum(np.linalg.pinv(bands) @ (bands @ magnitude), 0)
    phase = np.exp(2j * np.pi * np.random.default_rng(seed).random(magnitude.shape))
    for _ in range(iterations):
        signal = _istft(magnitude * phase, len(samples))
        phase = np.exp(1j * np.angle(_stft(signal)))
    return _istft(magnitude * phase, len(samples))


def _stft(samples: Samples) -> np.ndarray[tuple[int, int], np.dtype[np.complex128]]:
    return np.asarray(stft(samples, nperseg=_FFT, noverlap=_FFT - _HOP)[2])


def _istft(spectrum: np.ndarray[tuple[int, int], np.dtype[np.complex128]], length: int) -> Samples:
    signal = istft(spectrum, nperseg=_FFT, noverlap=_FFT - _HOP)[1]
    out = np.zeros(length, dtype=np.float32)
    out[: len(signal)] = signal[:length]
    return out
