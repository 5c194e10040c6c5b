"""Which windows are scored: those with speech, at any level, and no others."""

import numpy as np
import pytest

from detector.engine import segments
from detector.engine.types import SegmentKind
from tests.engine import signals

SPEECH, SILENCE, LITTLE = SegmentKind.SPEECH, SegmentKind.SILENCE, SegmentKind.LITTLE_SPEECH


def kinds(samples):
    return [segment.kind for segment in segments.cut(samples).segments]


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0.5, [(0, 0.5)]),
        (3.0, [(0, 3)]),
        (3.25, [(0, 3), (0.25, 3.25)]),
        (5.0, [(0, 3), (1, 4), (2, 5)]),
        (5.5, [(0, 3), (1, 4), (2, 5), (2.5, 5.5)]),
    ],
)
def test_windows_cover_the_clip(seconds, expected):
    cut = segments.cut(signals.silence(seconds))
    assert [(segment.start, segment.end) for segment in cut.segments] == expected


@pytest.mark.parametrize("name", signals.SPEECH)
@pytest.mark.parametrize("gain_db", [0, -20, -30])
def test_speech_is_speech_at_any_level(name, gain_db):
    samples = signals.clip(name) * np.float32(10 ** (gain_db / 20))
    assert set(kinds(samples)) == {SPEECH}


def test_quiet_speech_is_as_long_as_loud_speech():
    samples = signals.clip("real-librivox.flac")
    loud, quiet = segments.cut(samples), segments.cut(samples / 10)
    assert quiet.speech_seconds == pytest.approx(loud.speech_seconds, abs=0.1)
    assert 0.5 * samples.size / 16_000 < loud.speech_seconds <= samples.size / 16_000


def test_inserted_silence_is_excluded():
    speech = signals.clip("real-librivox.flac")[: 4 * 16_000]
    samples = np.concatenate((speech, signals.silence(5.0), speech))
    found = kinds(samples)
    assert found[:2] == [SPEECH, SPEECH]
    assert found[4:7] == [SILENCE, SILENCE, SILENCE]  # 4-7, 5-8, 6-9 s
    assert found[-2:] == [SPEECH, SPEECH]
    assert segments.cut(samples).speech_seconds == pytest.approx(
        2 * segments.cut(speech).speech_seconds, abs=0.5
    )


def test_a_short_word_in_a_long_silence_is_little_speech():
    word = signals.clip("real-librivox.flac")[8_000:14_000]
    samples = np.concatenate((signals.silence(1.3), word, signals.silence(1.3)))
    assert kinds(samples) == [LITTLE]
    assert segments.cut(samples).speech_seconds == 0.0


@pytest.mark.parametrize("seconds", [0.5, 3.0, 6.0])
def test_digital_silence_and_dither_are_silence(seconds):
    dither = np.random.default_rng(1).integers(-1, 2, int(seconds * 16_000)) / 32_768
    assert set(kinds(signals.silence(seconds))) == {SILENCE}
    assert set(kinds(dither.astype(np.float32))) == {SILENCE}


@pytest.mark.parametrize("colour", [0.0, 1.0])
def test_noise_is_not_speech(colour):
    assert set(kinds(signals.noise(6.0, colour))) == {LITTLE}


@pytest.mark.parametrize("hertz", [50.0, 150.0, 440.0, 1000.0])
def test_a_tone_is_not_speech(hertz):
    assert SPEECH not in kinds(signals.tone(hertz, 5.0))


def test_speech_in_noise_is_speech():
    speech = signals.clip("real-librivox.flac")[: 3 * 16_000]
    noise = signals.noise(3.0)[: speech.size]
    noise *= np.float32(speech.std() / noise.std() / 10 ** (10 / 20))  # 10 dB below
    assert kinds(speech + noise) == [SPEECH]


def test_speech_windows_are_the_speech_segments_in_samples():
    speech = signals.clip("real-librivox.flac")[: 3 * 16_000]
    samples = np.concatenate((speech, signals.silence(4.0)))
    cut = segments.cut(samples)
    assert cut.speech_windows[0] == (0, 48_000)
    assert len(cut.speech_windows) == sum(s.kind is SPEECH for s in cut.segments)
