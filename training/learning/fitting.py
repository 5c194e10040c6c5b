"""Fitting a detector on a feature table, and scoring what no fit saw."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.preprocessing import MinMaxScaler

from detector.engine.model import Features, pipeline_scores
from detector.engine.networks import GatedNetworks
from training.learning.metrics import Scores
from training.learning.networks import Bank, gated, train_bank, train_gate
from training.learning.splits import purged_folds
from training.learning.table import FeatureTable

STANDARD_DEVIATIONS = 4.0
PACKAGE_WEIGHT = 0.5
"""Of a clip out of a package: many clips there share one voice and one recording."""

NETWORKS = 4
"""In each expert."""
COPY_WEIGHT = 4.0
"""Of a copy beside clips as they are, in the expert on its damage: about as 5 to 3 in all."""

OWN = "own:"
"""Begins the source of a team's own samples."""
OWN_WEIGHT = 3.0
"""Of a team's own clip: see docs/training-centre.md for what was measured."""

Fit = Callable[[FeatureTable, int], Any]
"""Fits a classifier on a table's rows, by a seed."""


def fit_networks(table: FeatureTable, seed: int) -> GatedNetworks:
    """Fit an expert of small networks on clips as they are, one for each damage, and their gate.

    An expert on a damage learns from clips as they are too: copies alone would be too few.
    Columns are standardised and held within 4 standard deviations.
    """
    scaler = clipping_scaler(table.features)
    rows = scaler.transform(table.features).astype(np.float32)
    # A table may lack some of the damages.
    kinds, kind = np.unique(table.rows["copy"].to_numpy(dtype=int), return_inverse=True)

    def bank(place: int) -> Bank:
        part = (kind == 0) | (kind == place)
        chosen = table.where(part)
        weight = row_weights(chosen) * np.where(kind[part] > 0, COPY_WEIGHT, 1.0)
        return train_bank(
            rows[part], chosen.fake, weight, members=NETWORKS, seed=len(kinds) * seed + place
        )

    # Packages have no copies, and would teach the gate what their few engines sound like.
    told = ~is_package(table.rows)
    gate = train_gate(rows[told], kind[told])
    return gated(scaler, [bank(place) for place in range(len(kinds))], gate)


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
    table: FeatureTable,
    candidates: NDArray[np.bool_],
    fit: Fit,
    *,
    seed: int,
    n_splits: int = 5,
) -> Scores:
    """Score the candidate rows by models that saw none of their sources, voices or generators.

    Returns
    -------
    ndarray of shape (n,)
        NaN where a row is no candidate.
    """
    scores = np.full(len(table.rows), np.nan)
    for train, held_out in purged_folds(table.rows, candidates, n_splits=n_splits, seed=seed):
        chosen = np.zeros(len(table.rows), dtype=bool)
        chosen[train] = True
        pipeline = fit(table.where(chosen), seed)
        scores[held_out] = pipeline_scores(pipeline, table.features[held_out])
    return scores
