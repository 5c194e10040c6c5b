"""Worse copies of a clip: the same every time, readable, and as bad as their name says."""

import numpy as np
import pytest
from django.conf import settings

from detector.engine.decode import Decoder
from training.learning.material.audio import read_audio
from training.learning.material.degradation import DEGRADATIONS, PAD_S, TRIM_S, degraded

CLIP = settings.BASE_DIR / "fixtures/clips/real-librivox.flac"
LONGER = {"silence-added": 2 * PAD_S, "silence-trimmed": -2 * TRIM_S}


@pytest.fixture(scope="module")
def decoder():
    with Decoder() as decoder:
        yield decoder


@pytest.mark.parametrize("kind", DEGRADATIONS)
def test_a_worse_copy_can_be_judged_and_is_the_same_every_time(decoder, kind):
    first, second = (decoder.decode(degraded(CLIP, kind)) for _ in range(2))
    # Not the files: Ogg numbers its streams by lot.
    assert np.array_equal(first.samples, second.samples)
    samples, rate = read_audio(CLIP)
    expected = len(samples) / rate + LONGER.get(kind, 0)
    assert first.facts.duration == pytest.approx(expected, abs=0.15)


@pytest.mark.parametrize("decibels", [10, 20])
def test_noise_is_as_loud_as_its_name_says(decoder, decibels):
    samples, _ = read_audio(CLIP)
    noise = decoder.decode(degraded(CLIP, f"noise-{decibels}")).samples - samples
    ratio = 10 * np.log10(np.mean(samples**2) / np.mean(noise**2))
    assert ratio == pytest.approx(decibels, abs=0.5)


def test_a_copy_is_quieter_by_20_db(decoder):
    samples, _ = read_audio(CLIP)
    quiet = decoder.decode(degraded(CLIP, "quiet-20")).samples
    assert 10 * np.log10(np.mean(samples**2) / np.mean(quiet**2)) == pytest.approx(20, abs=0.2)
