"""The filter banks are librosa's; frames and bands are where they say they are."""

import librosa
import numpy as np
import pytest

from detector.engine import spectrum
from tests.engine import signals


def test_mel_bank_is_librosas():
    expected = librosa.filters.mel(sr=16_000, n_fft=2048, n_mels=128)
    np.testing.assert_allclose(spectrum.mel_bank(128, 2048), expected, rtol=1e-5, atol=1e-9)


@pytest.mark.parametrize("tuning", [-0.5, -0.13, 0.0, 0.37])
def test_chroma_bank_is_librosas(tuning):
    expected = librosa.filters.chroma(sr=16_000, n_fft=2048, tuning=tuning)
    np.testing.assert_allclose(spectrum.chroma_bank(2048, tuning), expected, rtol=1e-5, atol=1e-9)


def test_stft_is_librosas_without_its_padding():
    samples = signals.clip("real-librivox.flac")[:16_000]
    expected = librosa.stft(samples, n_fft=512, hop_length=160, center=False).T
    actual = spectrum.stft(samples, 512, 160)
    assert actual.dtype == np.complex64
    np.testing.assert_allclose(actual, expected, atol=1e-5 * np.abs(expected).max())


def test_a_tone_falls_into_its_linear_band():
    bank = spectrum.linear_bank(40, 512)
    power = spectrum.power(spectrum.stft(signals.tone(3000.0), 512, 160)).mean(axis=0)
    # 40 filters between 0 and 8 kHz: centres every 8000 / 41 Hz.
    assert np.argmax(bank @ power) == round(3000 / (8000 / 41)) - 1


def test_linear_bands_weigh_white_noise_alike():
    bank = spectrum.linear_bank(40, 512)
    np.testing.assert_allclose(bank.sum(axis=1), 1.0, rtol=1e-5)


def test_dct_keeps_lengths():
    matrix = spectrum.dct_matrix(24, 24)
    np.testing.assert_allclose(matrix @ matrix.T, np.eye(24), atol=1e-5)
