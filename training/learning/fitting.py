"""Fitting a detector on a feature table, and scoring what no fit saw."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import MinMaxScaler

from detector.engine.model import Features, pipeline_scores
from training.learning.metrics import Labels, Scores
from training.learning.splits import purged_folds
from training.learning.table import FeatureTable

STANDARD_DEVIATIONS = 4.0
PENALTY = 0.003
"""scikit-learn's C. Strong: columns are many and sources few."""

Fit = Callable[[Features, Labels, NDArray[np.float64]], Any]


def fit_linear(features: Features, fake: Labels, weight: Scores, penalty: float = PENALTY) -> Any:
    """Logistic regression on standardised columns, held within 4 standard deviations.

    One odd column of a strange clip then cannot outvote all others.

    Parameters
    ----------
    features : ndarray of shape (n, n_columns)
    fake, weight : ndarray of shape (n,)
    """
    mean, spread = features.mean(axis=0), features.std(axis=0) + 1e-6
    limits = np.stack([mean - STANDARD_DEVIATIONS * spread, mean + STANDARD_DEVIATIONS * spread])
    scaler = MinMaxScaler((-STANDARD_DEVIATIONS, STANDARD_DEVIATIONS), clip=True).fit(limits)
    classifier = LogisticRegression(C=penalty, max_iter=1000)
    classifier.fit(scaler.transform(features), fake, sample_weight=weight)
    return Pipeline([("scale", scaler), ("classify", classifier)])


def row_weights(table: FeatureTable) -> Scores:
    """Weights by which both classes count alike, and a clip as much as all of its copies.

    They add up to the number of clips, so that the penalty's meaning does not hang on the copies.
    """
    _, place, count = np.unique(
        table.rows["clip"].to_numpy(dtype=str), return_inverse=True, return_counts=True
    )
    weight = 1.0 / count[place]
    clips = weight.sum()
    for label in (0, 1):
        inside = table.fake == label
        weight[inside] *= clips / 2 / weight[inside].sum()
    return np.asarray(weight)


def out_of_fold_scores(
    table: FeatureTable, candidates: NDArray[np.bool_], fit: Fit, *, seed: int
) -> Scores:
    """Score the candidate rows by models that saw none of their sources, voices or generators.

    Returns
    -------
    ndarray of shape (n,)
        NaN where a row is no candidate.
    """
    scores = np.full(len(table.rows), np.nan)
    for train, held_out in purged_folds(table.rows, candidates, seed=seed):
        chosen = np.zeros(len(table.rows), dtype=bool)
        chosen[train] = True
        part = table.where(chosen)
        pipeline = fit(part.features, part.fake, row_weights(part))
        scores[held_out] = pipeline_scores(pipeline, table.features[held_out])
    return scores
