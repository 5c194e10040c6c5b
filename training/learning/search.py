"""Choosing a candidate by successive halving, in folds that keep groups apart."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

from detector.engine.model import pipeline_scores
from training.learning.candidates import Candidate
from training.learning.fitting import is_package
from training.learning.metrics import Scores, auc
from training.learning.parallel import Workers
from training.learning.splits import Indices, purged_folds
from training.learning.table import FeatureTable

INNER_FOLDS = 3
FEWEST_CLIPS = 400
"""With fewer, what a fold says of a candidate is chance."""
KEPT = 3
"""One in so many candidates goes on to the next rung, which has so many times the clips."""
RUNGS = {"quick": 1, "normal": 2, "thorough": 3}

Progress = Callable[[float], None]
"""Told after each fit how much of the work is done, 0 to 1; may raise to stop it."""


@dataclass(frozen=True)
class Tried:
    """What a candidate reached on a rung of the search."""

    candidate: Candidate
    clips: int
    auc: float


def search(
    table: FeatureTable,
    candidates: Sequence[Candidate],
    size: str,
    *,
    seed: int,
    workers: Workers,
    progress: Progress = lambda _: None,
) -> tuple[Candidate, list[Tried]]:
    """Find the candidate with the best AUC over folds that share no source, voice or generator.

    All are tried on a few clips, the better third on three times as many, and so on: the last
    rung is a third of the clips, or all of them in a `thorough` search.

    References
    ----------
    Jamieson, K. and Talwalkar, A. (2016). Non-stochastic best arm identification and
    hyperparameter optimization. AISTATS.
    """
    if len(candidates) == 1:
        return candidates[0], []
    clips = np.unique(table.rows["clip"].to_numpy(dtype=str))
    clips = np.random.default_rng(seed).permutation(clips)
    rungs = RUNGS[size]
    last = 0 if size == "thorough" else 1
    tried: list[Tried] = []
    going, done = list(candidates), 0
    fits = _fits(len(candidates), rungs)
    for rung in range(rungs):
        wanted = len(clips) // KEPT ** (rungs - 1 - rung + last)
        chosen = clips[: max(wanted, FEWEST_CLIPS)]
        part = table.where(np.isin(table.rows["clip"].to_numpy(dtype=str), chosen))
        folds = list(
            purged_folds(part.rows, ~is_package(part.rows), n_splits=INNER_FOLDS, seed=seed)
        )
        tasks = [(fold, candidate, seed) for candidate in going for fold in folds]
        scores = []
        for found in workers.map(score_fold, part, tasks):
            scores.append(found)
            done += 1
            progress(min(1.0, done / fits))
        results = [
            Tried(candidate, len(chosen), _auc(part, folds, scores[k * len(folds) :]))
            for k, candidate in enumerate(going)
        ]
        tried += results
        best = sorted(results, key=lambda result: -result.auc)
        going = [result.candidate for result in best[: max(1, len(best) // KEPT)]]
    return going[0], tried


def score_fold(
    table: FeatureTable, fold: tuple[Indices, Indices], candidate: Candidate, seed: int
) -> Scores:
    """Fit on the first part of a fold and score its second."""
    train, held_out = fold
    chosen = np.zeros(len(table.rows), dtype=bool)
    chosen[train] = True
    part = table.where(chosen)
    pipeline = candidate(part, seed)
    with threadpool_limits(1):
        return pipeline_scores(pipeline, table.features[held_out])


def _auc(
    table: FeatureTable, folds: Sequence[tuple[Indices, Indices]], scores: Sequence[Scores]
) -> float:
    """Mean over the folds: the scores of two fits are on scales of their own."""
    found = [
        auc(table.fake[held_out], scored)
        for (_, held_out), scored in zip(folds, scores, strict=False)
    ]
    known = [value for value in found if np.isfinite(value)]
    return float(np.mean(known)) if known else 0.5


def _fits(candidates: int, rungs: int) -> int:
    total = 0
    for _ in range(rungs):
        total += candidates * INNER_FOLDS
        candidates = max(1, candidates // KEPT)
    return total
