"""The promotion gate: is a challenger worse than the champion on clips that neither learned from?

Both judged the same clips, so the comparison is paired: in each round of a bootstrap whole groups
of clips are drawn again, and both are measured on the same draw. A figure is worse only where
chance explains the difference less than one time in twenty. Of a slice more is asked: that it is
worse by more than a margin, for there are a hundred slices, and whatever is learned anew moves some
of them a little (a test of non-inferiority).

References
----------
Efron, B. and Tibshirani, R. (1993). An introduction to the bootstrap.
Holm, S. (1979). A simple sequentially rejective multiple test procedure.
Walker, E. and Nowacki, A. S. (2011). Understanding equivalence and noninferiority testing.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from detector.engine.types import Verdict
from training.learning import metrics
from training.learning.evaluation import SLICES
from training.learning.splits import LINKS, connected_groups

LEVEL = 0.05
ROUNDS = 2000
LEAST_IN_SLICE = 30
FEWEST_GROUPS = 8
"""With fewer groups than this in a slice, single clips are drawn: groups would say nothing."""

HALF_WRONG = 0.5
"""What INCONCLUSIVE costs where a wrong verdict costs 1."""

MARGIN = 0.05
"""How much a slice's cost may rise: one clip in twenty judged wrongly that was judged rightly, or
one in ten that became INCONCLUSIVE. docs/training-centre.md says what smaller ones would stop."""

Columns = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class Check:
    """One guarded figure of both versions; less is better in all of them."""

    figure: str
    """``eer``, ``fpr``, ``ece`` or ``cost`` (of a slice: share of wrong verdicts, INCONCLUSIVE by
    half)."""
    slice: str
    """``column: value``, or empty for all clips."""
    clips: int
    groups: int
    champion: float
    challenger: float
    low: float
    high: float
    """95 % interval of the difference, challenger less champion."""
    p: float
    """How often chance alone would make the challenger look this much worse (of a slice: than the
    margin)."""
    worse: bool


@dataclass(frozen=True)
class GateResult:
    """What the gate says, check by check."""

    passed: bool
    checks: tuple[Check, ...]
    clips: int

    @classmethod
    def of(cls, checks: Sequence[Check], *, clips: int) -> Self:
        """Pass what is worse in nothing."""
        return cls(not any(check.worse for check in checks), tuple(checks), clips)

    def to_json(self) -> dict[str, Any]:
        """Plain data for a row in the database."""
        return asdict(self)


def compare(champion: pd.DataFrame, challenger: pd.DataFrame, *, seed: int = 0) -> GateResult:
    """Compare two versions' judgements of the same clips.

    Parameters
    ----------
    champion, challenger : DataFrame
        As `held_out.judge_table` returns them, of the same clips in the same order.

    Raises
    ------
    ValueError
        The clips are not the same.
    """
    if list(champion["clip"]) != list(challenger["clip"]):
        raise ValueError("both versions must have judged the same clips, in the same order")
    both = (_columns(champion), _columns(challenger))
    group = connected_groups(champion, LINKS)
    checks = [_check_all(figure, both, group, seed=seed) for figure in ("eer", "fpr", "ece")]
    checks += compare_slices(champion, challenger, seed=seed)
    return GateResult.of(checks, clips=len(champion))


def compare_slices(
    before: pd.DataFrame, after: pd.DataFrame, *, prefix: str = "", seed: int = 0
) -> list[Check]:
    """Compare what wrong verdicts cost in each slice with enough clips, within `MARGIN`.

    Parameters
    ----------
    before, after : DataFrame
        As of `compare`.
    prefix : str
        Begins the slices' names.
    """
    both = (_columns(before), _columns(after))
    slices = []
    for column in SLICES:
        if column not in before or before[column].nunique() < 2:
            continue
        links = tuple(link for link in LINKS if link != column)
        for value, part in before.groupby(column):
            if value != "" and len(part) >= LEAST_IN_SLICE:
                name, group = f"{prefix}{column}: {value}", connected_groups(part, links)
                slices.append(_check_slice(name, both, part.index.to_numpy(), group, seed))
    return _holm(slices)


_FIGURES: dict[str, Callable[[Columns], float]] = {
    "eer": lambda data: metrics.eer(data["fake"], data["score"]),
    "fpr": lambda data: _mean((data["verdict"] == Verdict.FAKE)[data["fake"] == 0]),
    "ece": lambda data: metrics.ece(data["fake"], data["probability"]),
}


def _check_all(
    figure: str, both: tuple[Columns, Columns], group: NDArray[np.intp], *, seed: int
) -> Check:
    measure = _FIGURES[figure]
    members = _members(group)
    draw = np.random.default_rng(seed)
    differences = []
    for _ in range(ROUNDS):
        drawn = draw.integers(0, len(members), len(members))
        chosen = np.concatenate([members[i] for i in drawn])
        old, new = (
            measure({name: values[chosen] for name, values in data.items()}) for data in both
        )
        differences.append(new - old)
    old, new = (measure(data) for data in both)
    return _judged(figure, "", len(group), len(members), old, new, np.array(differences), 0.0)


def _check_slice(
    name: str,
    both: tuple[Columns, Columns],
    places: NDArray[np.intp],
    group: NDArray[np.intp],
    seed: int,
) -> Check:
    """Compare mean costs, which sums over groups give for all rounds at once."""
    if group.max() + 1 < FEWEST_GROUPS:
        group = np.arange(len(places))
    groups = int(group.max()) + 1
    old, new = (data["cost"][places] for data in both)
    count = np.bincount(group)
    sums = np.bincount(group, weights=new - old)
    draw = np.random.default_rng(seed)
    times = draw.multinomial(groups, np.full(groups, 1 / groups), size=ROUNDS)
    differences = (times @ sums) / (times @ count)
    return _judged("cost", name, len(places), groups, _mean(old), _mean(new), differences, MARGIN)


def _judged(
    figure: str,
    name: str,
    clips: int,
    groups: int,
    champion: float,
    challenger: float,
    differences: NDArray[np.float64],
    margin: float,
) -> Check:
    finite = differences[np.isfinite(differences)]
    low, high = np.quantile(finite, [0.025, 0.975]) if len(finite) else (np.nan, np.nan)
    p = (1 + int((finite <= margin).sum())) / (1 + len(finite))
    return Check(
        figure=figure,
        slice=name,
        clips=clips,
        groups=groups,
        champion=champion,
        challenger=challenger,
        low=float(low),
        high=float(high),
        p=p,
        worse=bool(len(finite)) and p < LEVEL,
    )


def _holm(checks: list[Check]) -> list[Check]:
    """Of many slices some look worse by chance: ask the more of each, the more there are."""
    ordered = sorted(range(len(checks)), key=lambda k: checks[k].p)
    worse = set()
    for rank, k in enumerate(ordered):
        if checks[k].p >= LEVEL / (len(checks) - rank):
            break
        worse.add(k)
    return [Check(**(asdict(check) | {"worse": k in worse})) for k, check in enumerate(checks)]


def _columns(judged: pd.DataFrame) -> Columns:
    fake = np.asarray(judged["label"] == "fake", dtype=np.int8)
    verdict = judged["verdict"].to_numpy(dtype=object)
    right = np.where(fake == 1, Verdict.FAKE.value, Verdict.REAL.value)
    cost = np.where(verdict == Verdict.INCONCLUSIVE, HALF_WRONG, (verdict != right).astype(float))
    return {
        "fake": fake,
        "verdict": verdict,
        "score": judged["score"].to_numpy(dtype=np.float64),
        "probability": judged["probability"].to_numpy(dtype=np.float64),
        "cost": cost,
    }


def _members(group: NDArray[np.intp]) -> list[NDArray[np.intp]]:
    order = np.argsort(group, kind="stable")
    return np.split(order, np.cumsum(np.bincount(group))[:-1])


def _mean(values: NDArray[Any]) -> float:
    return float(np.mean(values)) if len(values) else float("nan")
