import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from training.learning import metrics

FAKE = np.array([0, 0, 0, 0, 1, 1, 1, 1], dtype=np.int8)
SCORES = np.array([-2.0, -1.0, 0.5, 2.0, -0.5, 1.0, 3.0, 4.0])


def labelled_scores():
    return st.lists(st.tuples(st.booleans(), st.integers(-20, 20)), min_size=4, max_size=60).filter(
        lambda rows: len({fake for fake, _ in rows}) == 2
    )


def arrays(rows):
    fake, scores = zip(*rows, strict=True)
    return np.array(fake, dtype=np.int8), np.array(scores, dtype=np.float64)


def test_figures_by_hand():
    # Above 0.5: one of four real (2.0) and three of four fake; so both error rates are 1/4.
    assert metrics.eer(FAKE, SCORES) == pytest.approx(0.25)
    assert metrics.min_dcf(FAKE, SCORES) == pytest.approx(0.5)
    # At 0: two of four real are alarms, one of four fake is missed.
    assert metrics.act_dcf(FAKE, SCORES) == pytest.approx(0.75)
    # 13 of the 16 pairs are in the right order.
    assert metrics.auc(FAKE, SCORES) == pytest.approx(13 / 16)


def test_a_score_that_says_nothing_costs_one_bit():
    nothing = np.zeros(8)
    assert metrics.cllr(FAKE, nothing) == pytest.approx(1.0)
    assert metrics.ece(FAKE, np.full(8, 0.5)) == pytest.approx(0.0)
    assert metrics.eer(FAKE, nothing) == pytest.approx(0.5)


def test_calibration_error_is_the_gap_between_promise_and_truth():
    sure = np.where(FAKE == 1, 0.9, 0.5)
    # 0.9 where all are fake: off by 0.1 for one half; 0.5 where all are real: off by 0.5.
    assert metrics.ece(FAKE, sure) == pytest.approx(0.5 * 0.1 + 0.5 * 0.5)


def test_verdicts_are_counted_as_documented():
    verdicts = np.array(
        ["REAL", "REAL", "FAKE", "INCONCLUSIVE", "FAKE", "FAKE", "REAL", "INCONCLUSIVE"],
        dtype=object,
    )
    counted = metrics.decisions(FAKE, verdicts)
    assert counted == {
        "accuracy": pytest.approx(4 / 6),
        "precision": pytest.approx(2 / 3),
        "recall": pytest.approx(2 / 4),
        "f1": pytest.approx(4 / 7),
        "fpr": pytest.approx(1 / 4),
        "fnr": pytest.approx(1 / 4),
        "inconclusive": pytest.approx(2 / 8),
    }


def test_auc_within_sources_ignores_what_tells_the_sources_apart():
    groups = np.array(["a", "a", "a", "b", "b", "b"] * 2, dtype=object)
    fake = np.array([0] * 6 + [1] * 6, dtype=np.int8)
    within = np.array([1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6], dtype=float)
    shifted = within + np.where(groups == "a", 100, 0)
    assert metrics.auc_within(fake, shifted, groups) == 1.0
    assert metrics.auc(fake, shifted) == 0.75


@given(labelled_scores())
def test_auc_is_that_of_scikit_learn_and_eer_lies_between(rows):
    fake, scores = arrays(rows)
    assert metrics.auc(fake, scores) == pytest.approx(roc_auc_score(fake, scores))
    assert 0.0 <= metrics.eer(fake, scores) <= 1.0
    assert metrics.min_dcf(fake, scores) <= 1.0
    assert metrics.min_dcf(fake, scores) <= metrics.act_dcf(fake, scores) + 1e-12


@given(labelled_scores(), st.floats(0.1, 10), st.floats(-5, 5))
def test_ranking_figures_do_not_hang_on_the_scale(rows, factor, offset):
    fake, scores = arrays(rows)
    moved = np.round(factor * scores + offset, 9)
    assert metrics.eer(fake, moved) == pytest.approx(metrics.eer(fake, scores))
    assert metrics.min_dcf(fake, moved) == pytest.approx(metrics.min_dcf(fake, scores))


@given(labelled_scores())
def test_swapping_the_classes_and_the_sign_changes_no_error_rate(rows):
    fake, scores = arrays(rows)
    swapped = (1 - fake).astype(np.int8)
    assert metrics.eer(swapped, -scores) == pytest.approx(metrics.eer(fake, scores))
    assert metrics.cllr(swapped, -scores) == pytest.approx(metrics.cllr(fake, scores))


def test_one_class_alone_gives_no_ranking():
    alone = np.ones(4, dtype=np.int8)
    assert np.isnan(metrics.eer(alone, SCORES[:4]))
    assert np.isnan(metrics.auc(alone, SCORES[:4]))
    assert np.isnan(metrics.cllr(alone, SCORES[:4]))


def test_intervals_know_that_clips_of_a_source_stand_together():
    draw = np.random.default_rng(1)
    of_source = draw.normal(size=20)
    values = np.repeat(of_source, 30) + 0.1 * draw.normal(size=600)
    sources = np.repeat(np.arange(20).astype(str), 30).astype(object)
    alone = np.arange(600).astype(str).astype(object)

    def mean(chosen):
        return float(values[chosen].mean())

    low, high = metrics.cluster_bootstrap(mean, sources, seed=1)
    narrow_low, narrow_high = metrics.cluster_bootstrap(mean, alone, seed=1)
    assert low < values.mean() < high
    assert high - low > 3 * (narrow_high - narrow_low)
