"""Does what a team taught make the detector forget what it knew?

The guarded test set holds none of the voices and engines that the base corpus teaches. So the
base's own clips are asked too: in two random halves, each scored by two fits on the other half, one
with half of the team's samples and one without. Engines and sources are on both sides, which
flatters both fits alike: the question is only what the team's samples change. Half of them, so that
they weigh beside the base what they weigh in the version itself.
"""

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from detector.engine.model import Model, pipeline_scores
from training.learning.candidates import Candidate
from training.learning.fitting import is_own
from training.learning.gate import Check, compare_slices
from training.learning.held_out import judge_scores
from training.learning.metrics import Scores
from training.learning.parallel import Workers
from training.learning.table import FeatureTable

Half = tuple[NDArray[np.bool_], NDArray[np.bool_]]


def halves(train: FeatureTable, *, seed: int) -> list[Half]:
    """Fit on the first rows and score the second: base clips, without and with own samples."""
    own = is_own(train.rows)
    clips = train.rows["clip"].to_numpy(dtype=str)
    draw = np.random.default_rng(seed)
    first = np.zeros(len(clips), dtype=bool)
    for part in (~own, own):
        first |= np.isin(clips, draw.permutation(np.unique(clips[part]))[::2])
    held_out = np.asarray(train.rows["copy"] == 0) & ~own
    return [
        (fit_on, held_out & ~half) for half in (first, ~first) for fit_on in (half & ~own, half)
    ]


def retention_scores(
    train: FeatureTable, candidate: Candidate, *, seed: int, workers: Workers
) -> tuple[Scores, Scores]:
    """Raw scores of the rows by fits without and with own samples; NaN where none was asked for."""
    fits = halves(train, seed=seed)
    without, together = (np.full(len(train.rows), np.nan) for _ in range(2))
    found = workers.map(_fit_and_score, train, [(half, candidate, seed) for half in fits])
    for k, ((_, scored), scores) in enumerate(zip(fits, found, strict=True)):
        (together if k % 2 else without)[scored] = scores
    return without, together


def _fit_and_score(table: FeatureTable, half: Half, candidate: Candidate, seed: int) -> Scores:
    fit_on, scored = half
    part = table.where(fit_on)
    pipeline = candidate(part, seed)
    with threadpool_limits(1):
        return pipeline_scores(pipeline, table.features[scored])


def check_retention(
    model: Model, train: FeatureTable, without: Scores, together: Scores, *, seed: int
) -> list[Check]:
    """Compare verdicts on the base's clips, slice by slice, as the gate does."""
    seen = np.isfinite(without)
    if not seen.any():
        return []
    part = train.where(seen)
    before, after = (
        judge_scores(model, part.rows, part.features, scores[seen])
        for scores in (without, together)
    )
    return compare_slices(before, after, prefix="known ", seed=seed)
