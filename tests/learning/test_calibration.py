import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.engine.model import probability
from training.learning import metrics
from training.learning.calibration import fit_calibration, fit_thresholds, operating_points, pool


def draw_scores(seed, n=4000):
    """Raw scores whose true likelihood ratio is 4 * raw - 1.5 (normal, equal spread)."""
    draw = np.random.default_rng(seed)
    fake = draw.integers(0, 2, n).astype(np.int8)
    return fake, draw.normal(0.375 + np.where(fake == 1, 0.5, -0.5), 0.5)


def test_calibration_lowers_the_cost_on_clips_it_did_not_see():
    fake, raw = draw_scores(1)
    seconds = np.full(len(raw), 2.2)
    fitted = fit_calibration(fake, raw, seconds)
    held_fake, held_raw = draw_scores(2)
    llr = fitted.llr(held_raw, np.full(len(held_raw), 2.2))
    assert metrics.cllr(held_fake, llr) < metrics.cllr(held_fake, held_raw) - 0.02
    assert metrics.ece(held_fake, probability(llr)) < 0.03
    assert metrics.act_dcf(held_fake, llr) < 1.1 * metrics.min_dcf(held_fake, llr)
    assert fitted.slope_at(2.2) == pytest.approx(4, rel=0.1)
    assert fitted.intercept == pytest.approx(-1.5, abs=0.2)


def test_a_longer_clip_with_the_same_mean_score_says_more():
    fake, raw = draw_scores(3)
    groups = np.array([f"{label}-{i % 50}" for i, label in enumerate(fake)], dtype=object)
    pooled_fake, pooled_raw, pooled_seconds = pool(fake, raw, np.full(len(raw), 2.2), groups)
    fitted = fit_calibration(pooled_fake, pooled_raw, pooled_seconds)
    assert fitted.slope_at(8.8) > 1.5 * fitted.slope_at(2.2)
    assert fitted.slope_at(60) == fitted.slope_at(8.8), "not beyond what was fitted"


def test_pooling_mixes_no_groups():
    fake = np.array([0, 0, 1, 1, 1, 1], dtype=np.int8)
    scores = np.array([1.0, 3.0, 10.0, 20.0, 30.0, 40.0])
    groups = np.array(["a", "a", "b", "b", "b", "b"], dtype=object)
    pooled_fake, pooled, seconds = pool(fake, scores, np.ones(6), groups)
    assert sorted(pooled[seconds == 4]) == [25.0]
    assert sorted(pooled[(seconds == 2) & (pooled_fake == 0)]) == [2.0]
    assert np.sum(seconds == 1) == 6


@given(st.integers(0, 10_000), st.floats(0.01, 0.2), st.floats(0.0, 0.4))
def test_thresholds_keep_what_was_wanted(seed, most_fpr, most_inconclusive):
    fake, raw = draw_scores(seed, n=300)
    share = probability(4 * raw - 1.5)
    threshold, real_threshold = fit_thresholds(
        fake, share, most_fpr=most_fpr, most_fnr=0.01, most_inconclusive=most_inconclusive
    )
    assert real_threshold < threshold
    assert real_threshold <= 0.5
    assert np.mean(share[fake == 0] >= threshold) <= most_fpr
    between = (share > real_threshold) & (share < threshold)
    balanced = (between[fake == 0].mean() + between[fake == 1].mean()) / 2
    assert balanced <= most_inconclusive + 1e-9 or real_threshold == 0.5


def test_operating_points_keep_their_rate_and_claim_no_rarer_one():
    rng = np.random.default_rng(1)
    fake = np.repeat([0, 1], 2000).astype(np.int8)
    shares = rng.uniform(size=4000)

    points = operating_points(fake, shares)

    assert points[0][0] == 0.005, "ten real clips lie above it"
    for rate, threshold in points:
        assert 0.8 * rate <= (shares[fake == 0] >= threshold).mean() <= rate
