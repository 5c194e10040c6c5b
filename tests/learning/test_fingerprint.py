"""A recording is found again after what happens to files, and no other is taken for it."""

from itertools import combinations

import numpy as np
import pytest

from tests.engine.signals import clip, silence
from training.learning.fingerprint import agreement, is_same_recording, keys, landmarks
from training.learning.material.augmentation import transcode

CLIPS = (
    "fake-espeak.mp3",
    "fake-flite.wav",
    "fake-hibari.flac",
    "real-librivox.flac",
    "real-prompt.wav",
)
CHANGES = {
    "level": lambda samples: samples * np.float32(0.1),
    "mp3": lambda samples: transcode(samples, "mp3", "libmp3lame", 44_100, 64_000),
    "low mp3": lambda samples: transcode(samples, "mp3", "libmp3lame", 16_000, 24_000),
    "opus": lambda samples: transcode(samples, "ogg", "libopus", 48_000, 16_000),
    "telephone": lambda samples: transcode(samples, "wav", "pcm_mulaw", 8_000, 64_000),
    "mobile": lambda samples: transcode(samples, "amr", "libopencore_amrnb", 8_000, 12_200),
    "cut": lambda samples: samples[16_123:-12_345],
}


@pytest.fixture(scope="module")
def originals():
    return {name: landmarks(clip(name)) for name in CLIPS}


@pytest.mark.parametrize("change", CHANGES)
def test_a_recording_is_found_again(originals, change):
    for name, found in originals.items():
        changed = landmarks(CHANGES[change](clip(name)))
        assert is_same_recording(found, changed), (name, agreement(found, changed))
        assert len(np.intersect1d(keys(found), keys(changed))) >= 2


def test_other_recordings_are_not_taken_for_it(originals):
    for one, other in combinations(originals, 2):
        assert not is_same_recording(originals[one], originals[other]), (one, other)


def test_silence_is_like_nothing(originals):
    nothing = landmarks(silence())
    assert agreement(nothing, originals["real-prompt.wav"])[0] < 3
    assert not is_same_recording(nothing, nothing)
