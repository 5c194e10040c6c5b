"""How good scores are: discrimination, decisions, calibration.

Scores are log-likelihood ratios (natural log) or, where only the order matters, anything that
grows with FAKE. `fake` is 1 for FAKE and 0 for REAL. Where a class is missing, figures that need
both are NaN.

The cost model of `min_dcf` and `act_dcf`: both kinds of error cost 1 and half of all clips are
fake, so a detector that always says the same has a cost of 1 after normalisation.

References
----------
Brummer, N. and du Preez, J. (2006). Application-independent evaluation of speaker detection.
Computer Speech and Language 20.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from detector.engine.types import Verdict

Scores = NDArray[np.float64]
Labels = NDArray[np.int8]
Groups = NDArray[np.object_]


def error_rates(fake: Labels, scores: Scores) -> tuple[Scores, Scores]:
    """False-positive and false-negative rate at every threshold, from "all FAKE" upwards.

    Entry k belongs to a threshold just above the k-th smallest distinct score (entry 0: below
    all).
    """
    _, place = np.unique(scores, return_inverse=True)
    n = place.max() + 1
    fakes = np.concatenate(([0], np.cumsum(np.bincount(place, weights=fake, minlength=n))))
    reals = np.concatenate(([0], np.cumsum(np.bincount(place, weights=1 - fake, minlength=n))))
    return 1 - reals / reals[-1], fakes / fakes[-1]


def eer(fake: Labels, scores: Scores) -> float:
    """Equal error rate, 0 to 1: where the two error rates cross, interpolated."""
    if not _both(fake):
        return float("nan")
    fpr, fnr = error_rates(fake, scores)
    k = int(np.argmax(fnr >= fpr))
    gap_before, gap_after = fpr[k - 1] - fnr[k - 1], fnr[k] - fpr[k]
    share = gap_before / (gap_before + gap_after)
    return float(fpr[k - 1] + share * (fpr[k] - fpr[k - 1]))


def auc(fake: Labels, scores: Scores) -> float:
    """Area under the ROC curve, from the rank sum of the fake clips (Mann and Whitney)."""
    if not _both(fake):
        return float("nan")
    fakes = int(fake.sum())
    above = rankdata(scores)[fake == 1].sum() - fakes * (fakes + 1) / 2
    return float(above / (fakes * (len(fake) - fakes)))


def auc_within(fake: Labels, scores: Scores, groups: Groups, least: int = 3) -> float:
    """Mean AUC of the groups that hold at least `least` clips of each class.

    Within one source the recording chain is much the same, so what is left is the voice.
    """
    _, place = np.unique(groups, return_inverse=True)
    of_each = (np.bincount(place, weights=part) for part in (fake, 1 - fake))
    # Looked at first: a team's samples are thousands of sources, nearly all with one clip.
    enough = np.flatnonzero(np.minimum(*of_each) >= least)
    found = [auc(fake[place == k], scores[place == k]) for k in enough]
    return float(np.mean(found)) if found else float("nan")


def min_dcf(fake: Labels, scores: Scores) -> float:
    """Normalised detection cost at the best threshold for these very clips."""
    if not _both(fake):
        return float("nan")
    fpr, fnr = error_rates(fake, scores)
    return float((fpr + fnr).min())


def act_dcf(fake: Labels, llr: Scores) -> float:
    """Normalised detection cost at the threshold that calibration promises: an LLR of 0."""
    if not _both(fake):
        return float("nan")
    return float((llr[fake == 0] >= 0).mean() + (llr[fake == 1] < 0).mean())


def cllr(fake: Labels, llr: Scores) -> float:
    """Cost of the log-likelihood ratio in bits: 0 is perfect, 1 says nothing."""
    if not _both(fake):
        return float("nan")
    miss = np.logaddexp(0, -llr[fake == 1]).mean()
    alarm = np.logaddexp(0, llr[fake == 0]).mean()
    return float((miss + alarm) / 2 / np.log(2))


def ece(fake: Labels, probability: Scores, bins: int = 10) -> float:
    """Expected calibration error: mean distance of probability and share of FAKE, in equal bins.

    Both classes count alike, as the probability is one at even prior odds.
    """
    if not _both(fake):
        return float("nan")
    weight = np.where(fake == 1, 0.5 / fake.sum(), 0.5 / (1 - fake).sum())
    place = np.minimum((probability * bins).astype(int), bins - 1)
    gap = np.bincount(place, weights=weight * (probability - fake), minlength=bins)
    return float(np.abs(gap).sum())


def decisions(fake: Labels, verdicts: Groups) -> dict[str, float]:
    """Accuracy, precision, recall, F1 and error rates of verdicts.

    INCONCLUSIVE is no answer: it counts in ``inconclusive`` alone, and in the denominators of
    ``fpr`` (real clips called FAKE) and ``fnr`` (fake clips called REAL), which are shares of all
    clips of the class. Accuracy is that of the answers given; recall is of all fake clips.
    """
    called_fake = verdicts == Verdict.FAKE
    called_real = verdicts == Verdict.REAL
    hits = int((called_fake & (fake == 1)).sum())
    passes = int((called_real & (fake == 0)).sum())
    answered = int((called_fake | called_real).sum())
    precision = _share(hits, int(called_fake.sum()))
    recall = _share(hits, int(fake.sum()))
    return {
        "accuracy": _share(hits + passes, answered),
        "precision": precision,
        "recall": recall,
        "f1": _share(2 * precision * recall, precision + recall),
        "fpr": _share(int((called_fake & (fake == 0)).sum()), int((fake == 0).sum())),
        "fnr": _share(int((called_real & (fake == 1)).sum()), int(fake.sum())),
        "inconclusive": _share(len(fake) - answered, len(fake)),
    }


def cluster_bootstrap(
    statistic: Callable[[NDArray[np.intp]], float],
    groups: Groups,
    *,
    rounds: int = 500,
    level: float = 0.95,
    seed: int = 0,
) -> tuple[float, float]:
    """Percentile interval of a statistic when whole groups are drawn again.

    Parameters
    ----------
    statistic : callable
        Takes the indices of a drawn sample of clips.
    groups : ndarray of shape (n,)
        Clips of one group (a source) stand or fall together.
    """
    _, place = np.unique(groups, return_inverse=True)
    order = np.argsort(place, kind="stable")
    members = np.split(order, np.cumsum(np.bincount(place))[:-1])
    draw = np.random.default_rng(seed)
    values = []
    for _ in range(rounds):
        drawn = draw.integers(0, len(members), len(members))
        values.append(statistic(np.concatenate([members[i] for i in drawn])))
    finite = np.array(values)[np.isfinite(values)]
    if not len(finite):
        return float("nan"), float("nan")
    low, high = np.quantile(finite, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def _both(fake: Labels) -> bool:
    return 0 < int(fake.sum()) < len(fake)


def _share(part: float, whole: float) -> float:
    return float(part / whole) if whole else float("nan")
