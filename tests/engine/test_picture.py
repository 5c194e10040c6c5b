"""A clip for the eye: what is loud is high, what is high-pitched is at the top, in its time."""

import io

import av
import numpy as np
import pytest

from detector.engine import picture
from detector.engine.types import SAMPLE_RATE

RATE = SAMPLE_RATE


def pixels_of(png):
    """Decode a picture with a decoder that is not ours: shape (bands, columns)."""
    with av.open(io.BytesIO(png)) as file:
        return next(file.decode(video=0)).to_ndarray(format="gray")


def tone(hz, seconds, level=0.5):
    return (level * np.sin(2 * np.pi * hz * np.arange(int(seconds * RATE)) / RATE)).astype("f4")


def test_a_tone_is_a_line_at_its_height_in_the_seconds_where_it_sounds():
    samples = np.concatenate([np.zeros(2 * RATE, "f4"), tone(6000, 2)])

    pixels = pixels_of(picture.draw(samples).spectrogram)

    bands, columns = pixels.shape
    silent, sounding = pixels[:, : columns // 2 - 5], pixels[:, columns // 2 + 5 :]
    assert silent.max() == 0
    strongest = bands - 1 - sounding.mean(axis=1).argmax()  # counted from 0 Hz
    assert strongest / bands * RATE / 2 == pytest.approx(6000, abs=120)
    assert sounding.max() == 255


def test_the_waveform_follows_the_level():
    samples = np.concatenate([tone(300, 1, 0.25), tone(300, 1, 0.5), np.zeros(RATE, "f4")])

    peaks = np.frombuffer(picture.draw(samples).peaks, np.uint8)

    third = len(peaks) // 3
    assert peaks[5 : third - 5].mean() == pytest.approx(127, abs=4)
    assert peaks[third + 5 : 2 * third - 5].mean() == pytest.approx(255, abs=4)
    assert peaks[2 * third + 5 :].max() == 0


@pytest.mark.parametrize("count", [1, 100, 5_000, 48_000, 160_000, 9_600_000])
def test_a_clip_of_any_length_has_a_small_picture_with_one_axis(count):
    samples = np.random.default_rng(1).normal(0, 0.1, count).astype("f4")

    drawn = picture.draw(samples)

    assert pixels_of(drawn.spectrogram).shape == (picture.BANDS, len(drawn.peaks))
    assert 1 <= len(drawn.peaks) <= picture.MOST_COLUMNS
    assert len(drawn.spectrogram) < 60_000


def test_silence_is_black_and_flat():
    drawn = picture.draw(np.zeros(RATE, "f4"))

    assert max(drawn.peaks) == 0
    assert pixels_of(drawn.spectrogram).max() == 0
