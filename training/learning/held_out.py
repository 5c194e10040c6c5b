"""Judging clips from their rows in a feature table, as the product judges their audio."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from detector.engine.model import Features, Model, probability
from detector.engine.types import Verdict
from training.learning.evaluation import duration_range
from training.learning.metrics import Scores
from training.learning.table import FeatureTable

Places = NDArray[np.intp]
BITE = 4096


def clips_of(rows: pd.DataFrame) -> tuple[Places, Places]:
    """Which rows are windows of one clip (or of one copy of it).

    Returns
    -------
    first : ndarray of shape (n_clips,)
        The first row of each clip, in the order of the rows.
    place : ndarray of shape (n_rows,)
        The clip of each row.
    """
    key = rows["clip"].astype(str) + "#" + rows["copy"].astype(str)
    place, clips = pd.factorize(key)
    first = np.full(len(clips), len(rows), dtype=np.intp)
    np.minimum.at(first, place, np.arange(len(rows)))
    return first, place


def clip_means(values: NDArray[np.generic], place: Places) -> Scores:
    """Mean over the rows of each clip: shape (n_rows, ...) to (n_clips, ...)."""
    sums = np.zeros((int(place.max()) + 1, *values.shape[1:]))
    np.add.at(sums, place, values)
    count = np.bincount(place).reshape(-1, *[1] * (values.ndim - 1))
    return np.asarray(sums / count)


def clip_novelties(model: Model, features: Features, place: Places) -> Scores:
    """Novelty of each clip: rows of shape (n_rows, n_columns) to (n_clips,).

    Some thousand clips at a time: means in double precision of very many are gigabytes.
    """
    # Stable, so that a clip's rows are added up in their order, however many clips there are.
    order = np.argsort(place, kind="stable")
    ends = np.concatenate([[0], np.cumsum(np.bincount(place))])
    found = []
    for begin in range(0, len(ends) - 1, BITE):
        rows = order[ends[begin] : ends[min(begin + BITE, len(ends) - 1)]]
        found.append(model.novelties(clip_means(features[rows], place[rows] - begin)))
    return np.concatenate(found)


def judge_table(model: Model, table: FeatureTable) -> pd.DataFrame:
    """Judge every clip of a table by its windows' features.

    Parameters
    ----------
    table : FeatureTable
        Of the model's schema; ``seconds`` of a row are those that its whole clip was judged on.

    Returns
    -------
    DataFrame
        One row a clip, as `evaluation.report` takes it: provenance, ``verdict``, ``score``,
        ``probability``, ``novelty``, ``duration``, ``error`` (always empty).

    Raises
    ------
    ValueError
        The table is of another schema.
    """
    if table.schema != model.schema.name:
        raise ValueError(f"{model.name} reads {model.schema.name}, the table has {table.schema}")
    return judge_scores(model, table.rows, table.features, model.raw_scores(table.features))


def judge_scores(model: Model, rows: pd.DataFrame, features: Features, raw: Scores) -> pd.DataFrame:
    """Judge clips by raw scores of their rows, as `judge_table` does by the model's own."""
    first, place = clips_of(rows)
    clips = rows.iloc[first].reset_index(drop=True)
    seconds = clips["seconds"].to_numpy(dtype=np.float64)
    score = model.llr(clip_means(raw, place), seconds)
    share = probability(score)
    novelty = clip_novelties(model, features, place)
    verdict = np.select(
        [novelty > model.novelty_limit, share >= model.threshold, share <= model.real_threshold],
        [Verdict.INCONCLUSIVE.value, Verdict.FAKE.value, Verdict.REAL.value],
        Verdict.INCONCLUSIVE.value,
    )
    return clips.assign(
        verdict=verdict.astype(object),
        score=score,
        probability=share,
        novelty=novelty,
        duration=[duration_range(value) for value in seconds],
        error="",
    )
