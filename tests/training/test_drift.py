"""The monitor says what has shifted, and says nothing of few clips."""

import pytest
from django.core.cache import cache

from tests.factories import PredictionFactory, facts
from training.selectors.drift import FEWEST, drift, drift_warnings, psi


def test_the_index_is_zero_where_nothing_changed_and_grows_with_the_shift():
    usual = [0.1] * 10
    assert psi(usual, usual) == pytest.approx(0)
    assert psi([0.5, 0.5], [0.6, 0.4]) == pytest.approx(0.0405, abs=1e-3)  # worked by hand
    assert psi(usual, [0.2] * 5 + [0.0] * 5) > psi(usual, [0.11] * 5 + [0.09] * 5)


def judged(champion, owner, count, score_of, verdict="FAKE"):
    """As many predictions of the champion, spread over its usual novelty."""
    clip = PredictionFactory(clip__owner=owner, clip__facts=facts()).clip
    edges = champion.manifest["evidence"]["usual"]["novelty"]["edges"]
    for k in range(count):
        PredictionFactory(
            clip=clip,
            done=True,
            model_version=champion,
            verdict=verdict,
            score=score_of(k),
            quality={
                "novelty": [edges[0] - 0.01, *edges][k % (len(edges) + 1)] + 0.001,
                "bandwidth_hz": 8000,
                "level_dbfs": -20.0,
                "clipped_share": 0.0,
            },
        )


def usual_score(champion):
    edges = champion.manifest["evidence"]["usual"]["score"]["edges"]
    return lambda k: [edges[0] - 0.1, *edges][k % (len(edges) + 1)] + 0.001


def test_clips_like_the_held_out_ones_warn_of_nothing(champion, owner):
    judged(champion, owner, FEWEST, usual_score(champion))
    found = drift()
    assert found.clips == FEWEST
    assert {measure.name for measure in found.measures} >= {"score", "novelty", "bandwidth_hz"}
    assert found.warnings == []


def test_shifted_scores_and_many_inconclusive_clips_warn(champion, owner):
    judged(champion, owner, FEWEST, lambda k: 9.0, verdict="INCONCLUSIVE")
    warnings = drift().warnings
    assert any("score has shifted" in text for text in warnings)
    assert any("INCONCLUSIVE" in text for text in warnings)
    assert not any("novelty" in text for text in warnings)
    cache.delete("drift-warnings")
    assert drift_warnings() == warnings


def test_few_clips_say_nothing(champion, owner):
    judged(champion, owner, FEWEST - 1, lambda k: 9.0)
    assert drift().warnings == []


def test_without_a_champion_there_is_nothing_to_compare(db):
    assert drift() is None
    assert drift_warnings() == []
