import numpy as np
import pandas as pd
import pytest

from detector.engine.model import probability
from training.learning.gate import compare


def judged(quality=2.0, shift=0.0, n=600, seed=0, worse_in=None):
    """What a version made of clips: higher quality, further apart."""
    draw = np.random.default_rng(seed)
    fake = np.arange(n) % 2
    language = np.where(np.arange(n) % 5 == 0, "ko", "en")
    noise = draw.normal(size=n)
    score = quality * (2 * fake - 1) + noise + shift
    if worse_in:
        score = np.where((language == worse_in) & (fake == 1), score - 3.0, score)
    share = probability(score)
    return pd.DataFrame(
        {
            "clip": [f"clip-{i}" for i in range(n)],
            "label": np.where(fake == 1, "fake", "real"),
            "language": language,
            "generator": "",
            "speaker": [f"voice-{i // 10}" for i in range(n)],
            "source_repo": [f"source-{i // 20}" for i in range(n)],
            "score": score,
            "probability": share,
            "verdict": np.select([share >= 0.8, share <= 0.3], ["FAKE", "REAL"], "INCONCLUSIVE"),
        }
    )


def worse(result):
    return {check.slice or check.figure for check in result.checks if check.worse}


def test_the_same_version_passes():
    result = compare(judged(), judged())
    assert result.passed
    assert {check.figure for check in result.checks} == {"eer", "fpr", "ece", "cost"}


def test_a_better_version_passes():
    assert compare(judged(1.0), judged(2.0)).passed


def test_a_version_that_separates_less_is_stopped():
    result = compare(judged(2.0), judged(1.0))
    assert not result.passed
    eer = result.checks[0]
    assert eer.worse
    assert eer.champion < eer.challenger
    assert 0 < eer.low <= eer.challenger - eer.champion <= eer.high


def test_a_version_that_calls_more_real_clips_fake_is_stopped():
    assert "fpr" in worse(compare(judged(), judged(shift=1.5)))


def test_a_version_whose_probabilities_promise_too_much_is_stopped():
    plain = judged(1.0)
    tidy, boastful = (
        plain.assign(score=k * plain["score"], probability=probability(k * plain["score"]))
        for k in (2, 20)
    )
    assert worse(compare(tidy, boastful)) == {"ece"}


def test_a_version_that_got_worse_in_one_language_alone_is_stopped():
    result = compare(judged(), judged(quality=2.2, worse_in="ko"))
    assert "language: ko" in worse(result)
    assert "language: en" not in worse(result)


def test_a_slice_of_few_clips_has_no_say():
    names = [check.slice for check in compare(judged(n=140), judged(n=140)).checks]
    assert "language: en" in names
    assert "language: ko" not in names


def test_chance_does_not_stop_a_version_that_is_no_worse():
    stopped = [
        not compare(judged(seed=seed), judged(seed=seed + 100), seed=seed).passed
        for seed in range(8)
    ]
    # Three figures at one in twenty each, and all slices together another: about one in five.
    assert sum(stopped) <= 5


def test_versions_that_judged_other_clips_are_not_compared():
    with pytest.raises(ValueError, match="the same clips"):
        compare(judged(), judged(n=500))
