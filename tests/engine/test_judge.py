import csv
import hashlib
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from detector.engine.explain import covered_seconds
from detector.engine.judge import Judge
from detector.engine.model import Model
from detector.engine.types import SegmentKind, Verdict
from detector.messages import REASONS, reason_text

FIXTURES = Path(__file__).parents[2] / "fixtures"
CLIPS = [row["file"] for row in csv.DictReader((FIXTURES / "clips/clips.csv").open())]


def wav(samples, rate=16_000):
    pcm = np.round(np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes()
    head = b"RIFF" + (36 + len(pcm)).to_bytes(4, "little") + b"WAVEfmt "
    head += (16).to_bytes(4, "little") + (1).to_bytes(2, "little") + (1).to_bytes(2, "little")
    head += rate.to_bytes(4, "little") + (2 * rate).to_bytes(4, "little")
    head += (2).to_bytes(2, "little") + (16).to_bytes(2, "little")
    return head + b"data" + len(pcm).to_bytes(4, "little") + pcm


@pytest.fixture(scope="module")
def judge(decoder):
    return Judge(decoder, Model.load_bundle(FIXTURES / "model"))


def judged(judge, content):
    return judge.judge(content, sha256=hashlib.sha256(content).hexdigest())


def codes(judgement):
    return [reason.code for reason in judgement.reasons]


@pytest.mark.parametrize("name", CLIPS)
def test_a_judgement_says_everything_and_agrees_with_itself(judge, name):
    content = (FIXTURES / "clips" / name).read_bytes()
    judgement = judged(judge, content)
    assert judgement.sha256 == hashlib.sha256(content).hexdigest()
    assert judgement.model_version == judge.model.name
    assert judgement.probability == pytest.approx(1 / (1 + np.exp(-judgement.score)))
    if "out_of_domain" not in codes(judgement):
        expected = Verdict.INCONCLUSIVE
        if judgement.probability >= judgement.threshold:
            expected = Verdict.FAKE
        elif judgement.probability <= judgement.real_threshold:
            expected = Verdict.REAL
        assert judgement.verdict is expected
    for segment in judgement.segments:
        assert (segment.score is None) == (segment.kind is not SegmentKind.SPEECH)
        assert (segment.probability is None) == (segment.score is None)
    assert list(judgement.timings) == [
        "decode",
        "segments",
        "features",
        "picture",
        "score",
        "explain",
    ]
    assert asdict(judgement) == asdict(judged(judge, content)) | {"timings": judgement.timings}


@pytest.mark.parametrize("name", CLIPS)
def test_every_reason_has_words_and_the_strongest_evidence_comes_first(judge, name):
    judgement = judged(judge, (FIXTURES / "clips" / name).read_bytes())
    weights = [abs(reason.weight) for reason in judgement.reasons if reason.weight is not None]
    assert weights
    assert weights == sorted(weights, reverse=True)
    for reason in judgement.reasons:
        assert "unknown" not in reason_text(reason.code, reason.params)
        if reason.weight is not None:
            assert reason.code.endswith("_fake") == (reason.weight > 0)


def test_every_family_of_the_model_has_words_for_both_sides(judge):
    for family in judge.model.schema.families:
        assert {f"{family}_fake", f"{family}_real"} <= set(REASONS)


@pytest.mark.parametrize(
    "samples",
    [np.zeros(32_000), 1e-4 * np.random.default_rng(0).normal(size=48_000)],
    ids=["silence", "hiss"],
)
def test_without_speech_there_is_no_probability(judge, samples):
    judgement = judged(judge, wav(samples))
    assert judgement.verdict is Verdict.INCONCLUSIVE
    assert judgement.probability is None
    assert judgement.score is None
    assert codes(judgement)[0] == "no_speech"


def test_what_limits_the_evidence_is_said(judge, decoder):
    audio = decoder.decode(FIXTURES / "clips/real-librivox.flac")
    voice = audio.samples[:48_000] / np.abs(audio.samples[:48_000]).max()
    assert "clipped" in codes(judged(judge, wav(8 * voice)))
    spectrum = np.fft.rfft(voice)
    spectrum[round(len(spectrum) * 3.4 / 8) :] = 0
    telephone = np.fft.irfft(spectrum, len(voice))
    assert "narrow_band" in codes(judged(judge, wav(0.5 * telephone)))
    assert "narrow_band" not in codes(judged(judge, wav(0.5 * voice)))


def test_a_clip_20_db_quieter_is_judged_alike(judge, decoder):
    voice = decoder.decode(FIXTURES / "clips/fake-hibari.flac").samples
    loud, quiet = (judged(judge, wav(gain * voice)) for gain in (0.7, 0.07))
    assert quiet.verdict is loud.verdict
    assert quiet.probability == pytest.approx(loud.probability, abs=0.05)


def test_a_clip_unlike_all_training_gets_no_verdict(decoder):
    model = Model.load_bundle(FIXTURES / "model")
    model.novelty_limit = 0.0
    judgement = judged(Judge(decoder, model), (FIXTURES / "clips/real-librivox.flac").read_bytes())
    assert judgement.verdict is Verdict.INCONCLUSIVE
    assert codes(judgement)[0] == "out_of_domain"


def test_sound_that_is_no_speech_gets_no_verdict(judge):
    """Sweeps and chords pass for speech by their loudness, and would pass for a verdict."""
    t = np.arange(6 * 16_000) / 16_000
    sweeps = 0.3 * np.sin(2 * np.pi * (2000 * (300 * t % 1.0) + 300) * t)
    sweeps *= 0.55 + 0.45 * np.sign(np.sin(6 * np.pi * t))
    since = t % 1.5
    pitch = 220 * 2 ** (np.floor(t / 1.5) / 4)
    tones = [np.sin(2 * np.pi * pitch * n * k * t) / n for n in range(1, 9) for k in (1, 1.25, 1.5)]
    chords = 0.04 * np.exp(-1.2 * since) * sum(tones)
    for samples in (sweeps, chords):
        judgement = judged(judge, wav(samples))
        assert judgement.verdict is Verdict.INCONCLUSIVE
        assert codes(judgement)[0] in ("out_of_domain", "no_speech")


def test_seconds_covered_are_counted_once():
    assert covered_seconds([(0, 48_000), (16_000, 64_000)]) == 4.0
    assert covered_seconds([(0, 16_000), (32_000, 48_000)]) == 2.0
