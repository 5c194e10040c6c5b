"""Fitting a detector on a feature table, and scoring what no fit saw."""

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.ensemble import VotingClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import MinMaxScaler

from detector.engine.model import Features, pipeline_scores
from training.learning.metrics import Labels, Scores
from training.learning.splits import purged_folds
from training.learning.table import FeatureTable

STANDARD_DEVIATIONS = 4.0
MEMBERS = 4
PACKAGE_WEIGHT = 0.5
"""Of a clip out of a package: many clips there share one voice and one recording."""

OWN = "own:"
"""Begins the source of a team's own samples."""
OWN_WEIGHT = 3.0
"""Of a team's own clip: see docs/training-centre.md for what was measured."""

Fit = Callable[[Features, Labels, Scores, int], Any]


def fit_networks(features: Features, fake: Labels, weight: Scores, seed: int) -> Any:
    """Four small networks that vote, on standardised columns held within 4 standard deviations.

    Each network has one layer of 32 units and strong weight decay: columns are many and sources
    few.

    Parameters
    ----------
    features : ndarray of shape (n, n_columns)
    fake, weight : ndarray of shape (n,)
    seed : int
    """
    scaler = clipping_scaler(features)
    members = [
        (
            f"member_{i}",
            MLPClassifier(
                (32,),
                alpha=3.0,
                learning_rate_init=5e-4,
                batch_size=128,
                max_iter=20,
                # The number of rounds is chosen, not waited for.
                tol=0.0,
                n_iter_no_change=1000,
                random_state=seed * 1000 + i,
            ),
        )
        for i in range(MEMBERS)
    ]
    networks = VotingClassifier(members, voting="soft")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        networks.fit(scaler.transform(features), fake, sample_weight=weight / weight.mean())
    for member in networks.estimators_:
        # State of the training, twice the size of the weights; nothing that scores reads it.
        del member._optimizer
    return Pipeline([("scale", scaler), ("classify", networks)])


def clipping_scaler(features: Features) -> MinMaxScaler:
    """Standardise columns and hold them within 4 standard deviations, as a fitted scaler.

    One odd column of a strange clip then cannot outvote all others.
    """
    limit = STANDARD_DEVIATIONS
    mean, spread = features.mean(axis=0), features.std(axis=0) + 1e-6
    ends = np.stack([mean - limit * spread, mean + limit * spread])
    return MinMaxScaler((-limit, limit), clip=True).fit(ends)


def is_package(rows: pd.DataFrame) -> NDArray[np.bool_]:
    """Rows that came out of a package registry, by their source."""
    return np.asarray(rows["source_repo"].str.startswith(("debian:", "pypi:")))


def is_own(rows: pd.DataFrame) -> NDArray[np.bool_]:
    """Rows of a team's own samples, by their source."""
    return np.asarray(rows["source_repo"].str.startswith(OWN))


def row_weights(table: FeatureTable) -> Scores:
    """Weights by which both classes count alike, and a clip as much as all of its copies."""
    _, place, count = np.unique(
        table.rows["clip"].to_numpy(dtype=str), return_inverse=True, return_counts=True
    )
    each = np.select(
        [is_own(table.rows), is_package(table.rows)], [OWN_WEIGHT, PACKAGE_WEIGHT], 1.0
    )
    weight = each / count[place]
    for label in (0, 1):
        inside = table.fake == label
        weight[inside] *= len(np.unique(place)) / 2 / weight[inside].sum()
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
        pipeline = fit(part.features, part.fake, row_weights(part), seed)
        scores[held_out] = pipeline_scores(pipeline, table.features[held_out])
    return scores
