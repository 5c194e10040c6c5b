from pathlib import Path

import numpy as np
import pytest

from training.learning.material.audio import level, middle, prepare, read_audio, trim, write_flac
from training.learning.material.augmentation import (
    DAMAGES,
    LIGHT,
    OPUS,
    STRONG,
    TELEPHONE,
    augment,
    drawn_copies,
    silence,
    transcode,
)

CLIP = Path(__file__).parents[2] / "fixtures/clips/real-librivox.flac"


@pytest.fixture(scope="module")
def voice():
    samples, rate = read_audio(CLIP)
    assert rate == 16_000
    return middle(samples)


def loudness(samples):
    """Level of each tenth of the first 1.8 s, in nepers."""
    return np.log(np.add.reduceat(samples[:28_800] ** 2, np.arange(0, 28_800, 1600)) + 1e-6)


STEPS = [*(step for step, _ in LIGHT), *DAMAGES, silence]


@pytest.mark.parametrize(
    "codec", [*TELEPHONE, *STRONG, OPUS], ids=lambda codec: f"{codec[1]}-{codec[2]}"
)
def test_a_voice_survives_every_codec(voice, codec):
    container, encoder, rate, bit_rates = codec
    heard = transcode(voice, container, encoder, rate, bit_rates[0])
    assert abs(len(heard) - len(voice)) < 0.15 * 16_000
    # Codecs without a header for it delay the sound by a few frames.
    delays = range(0, 3200, 160)
    assert max(np.corrcoef(loudness(voice), loudness(heard[d:]))[0, 1] for d in delays) > 0.8


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.__name__)
def test_every_step_gives_finite_audio_and_hangs_on_the_seed_alone(voice, step):
    first, again = (step(voice, np.random.default_rng(4)) for _ in range(2))
    assert np.array_equal(first, again)
    assert np.isfinite(first).all()
    assert first.dtype == np.float32
    assert len(first) > 0.5 * len(voice)


def test_a_chain_is_drawn_anew_for_every_seed(voice):
    chains = [augment(voice, 1, np.random.default_rng(seed)) for seed in range(4)]
    assert len({(len(chain), float(chain.sum())) for chain in chains}) > 1
    assert np.array_equal(chains[0], augment(voice, 1, np.random.default_rng(0)))


def test_a_copy_has_the_damage_of_its_number(voice):
    """Of the five, telephones alone leave nothing above 4 kHz."""

    def faintest_top(number):
        spectra = [
            np.abs(np.fft.rfft(augment(voice, number, np.random.default_rng(seed))))
            for seed in range(6)
        ]
        return max(float(np.sum(s[int(0.56 * len(s)) :] ** 2) / np.sum(s**2)) for s in spectra)

    names = [damage.__name__ for damage in DAMAGES]
    tops = {name: faintest_top(place + 1) for place, name in enumerate(names)}
    assert min(tops, key=tops.__getitem__) == "telephone"


def test_copies_of_a_clip_have_different_damages_and_all_come_up():
    drawn = [drawn_copies(3, np.random.default_rng(seed)) for seed in range(40)]
    assert all(len(set(copies)) == 3 for copies in drawn)
    assert {copy for copies in drawn for copy in copies} == set(range(1, len(DAMAGES) + 1))


def test_prepared_clips_differ_in_nothing_but_the_voice(voice, tmp_path):
    padded = np.concatenate([np.zeros(8000), 0.1 * voice, np.zeros(8000)]).astype(np.float32)
    clips = [prepare(samples, 16_000) for samples in (voice, padded)]
    for clip in clips:
        assert np.sqrt(np.mean(clip**2)) == pytest.approx(0.05, rel=1e-3)
        assert len(clip) <= 2.2 * 16_000
    assert len(trim(padded)) < len(padded) - 15_000
    write_flac(tmp_path / "clip.flac", clips[0])
    back, _ = read_audio(tmp_path / "clip.flac")
    np.testing.assert_allclose(back, clips[0], atol=1 / 32767)
    assert np.array_equal(level(np.zeros(4, dtype=np.float32)), np.zeros(4))
