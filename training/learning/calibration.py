"""From raw scores of clips that no fit saw to log-likelihood ratios, and to thresholds."""

from itertools import pairwise

import numpy as np
from sklearn.linear_model import LogisticRegression

from detector.engine.model import Calibration
from training.learning.metrics import Groups, Labels, Scores

SHORTEST_S = 1.0
LONGEST_S = 8.8
POOLED = (1, 2, 4)
RATES = (0.001, 0.002, 0.005, 0.01, 0.015, 0.02, 0.03, 0.05, 0.07, 0.1, 0.15, 0.2, 0.3, 0.5)
LEAST_CLIPS = 10


def pool(
    fake: Labels, scores: Scores, seconds: Scores, groups: Groups, *, seed: int = 0
) -> tuple[Labels, Scores, Scores]:
    """Make longer clips of short ones: means over 1, 2 and 4 clips of one group.

    Research clips are short. Clips of one class, source, generator and speaker stand in for the
    windows of a longer recording: their mean score is what a longer clip would have got.

    Returns
    -------
    fake, scores, seconds : ndarray
        Of the clips themselves and of all disjoint sets of 2 and 4 within a group.
    """
    order = np.random.default_rng(seed).permutation(len(scores))
    order = order[np.argsort(groups[order], kind="stable")]
    starts = np.flatnonzero(np.r_[True, groups[order][1:] != groups[order][:-1], True])
    sets = []
    for size in POOLED:
        for begin, end in pairwise(starts):
            sets += [order[k : k + size] for k in range(begin, end - size + 1, size)]
    return (
        np.array([fake[chosen[0]] for chosen in sets], dtype=np.int8),
        np.array([scores[chosen].mean() for chosen in sets]),
        np.array([seconds[chosen].sum() for chosen in sets]),
    )


def fit_calibration(fake: Labels, scores: Scores, seconds: Scores) -> Calibration:
    """Fit an affine map to log-likelihood ratios whose slope grows with the log of the duration.

    Logistic regression with both classes at equal weight, so that the result is a likelihood
    ratio and not posterior odds.
    """
    t = np.log(np.clip(seconds, SHORTEST_S, LONGEST_S))
    terms = np.column_stack([scores, scores * t])
    weight = np.where(fake == 1, 0.5 / fake.mean(), 0.5 / (1 - fake.mean()))
    fitted = LogisticRegression(C=1e4, max_iter=2000).fit(terms, fake, sample_weight=weight)
    slope, slope_log = (float(value) for value in fitted.coef_[0])
    return Calibration(
        slope=slope,
        intercept=float(fitted.intercept_[0]),
        slope_log=slope_log,
        shortest=SHORTEST_S,
        longest=LONGEST_S,
    )


def fit_thresholds(
    fake: Labels,
    probability: Scores,
    *,
    most_fpr: float,
    most_fnr: float,
    most_inconclusive: float,
) -> tuple[float, float]:
    """Thresholds for wanted error rates on data that no fit saw.

    Parameters
    ----------
    most_fpr : float
        Largest share of real clips called FAKE: it is kept.
    most_fnr : float
        Largest share of fake clips called REAL: kept unless that makes too much INCONCLUSIVE.
    most_inconclusive : float
        Largest share between the thresholds, both classes counting alike.

    Returns
    -------
    threshold, real_threshold : float
        FAKE from the first on, REAL up to the second, which is at most 0.5: what is more likely
        fake than not is never called REAL, even if more ends INCONCLUSIVE for it.
    """
    real, false = np.sort(probability[fake == 0]), np.sort(probability[fake == 1])
    threshold = _threshold_for(real, most_fpr)
    wanted = float(np.nextafter(np.quantile(false, most_fnr, method="lower"), 0))
    below = probability[probability < threshold]
    places = np.sort(np.append(below, 0.0))
    between = 0.5 * (
        _share_between(real, places, threshold) + _share_between(false, places, threshold)
    )
    allowed = float(places[between <= most_inconclusive].min(initial=threshold))
    return threshold, min(max(wanted, allowed), 0.5, float(np.nextafter(threshold, 0)))


def operating_points(fake: Labels, probability: Scores) -> list[list[float]]:
    """Thresholds for a row of false-positive rates, for those who want another than the version's.

    Only rates that at least ten real clips speak for: a rarer error is not seen here.

    Returns
    -------
    list of [rate, threshold]
        FAKE from the threshold on keeps the rate on these data.
    """
    real = probability[fake == 0]
    known = [rate for rate in RATES if rate * len(real) >= LEAST_CLIPS]
    return [[rate, _threshold_for(real, rate)] for rate in known]


def _threshold_for(real: Scores, rate: float) -> float:
    return float(np.nextafter(np.quantile(real, 1 - rate, method="higher"), 1))


def _share_between(ordered: Scores, low: Scores, high: float) -> Scores:
    """Shares of the ordered values that lie above each of `low` and below `high`."""
    below = np.searchsorted(ordered, high, side="left")
    return np.asarray((below - np.searchsorted(ordered, low, side="right")) / len(ordered))
