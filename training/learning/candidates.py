"""The kinds of classifiers that a run may try, and the settings that it searches among."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.svm import SVC
from threadpoolctl import threadpool_limits

from detector.engine.model import Features
from training.learning.fitting import clipping_scaler, fit_networks, row_weights
from training.learning.metrics import Labels, Scores
from training.learning.table import FeatureTable

MODEL_TYPES = (
    "random_forest",
    "logistic_regression",
    "svm",
    "gradient_boosting",
    "neural_networks",
)
AUTO = "auto"
SEARCH_SIZES = ("quick", "normal", "thorough")

MOST_SVM_ROWS = 12_000
"""Its time grows with the square of the rows, and each support vector is kept in the artifact."""

Params = Mapping[str, float | int | str]

_GRIDS: dict[str, dict[str, tuple[Any, ...]]] = {
    # The middle value of each is the usual one: what `quick` takes without a search.
    "random_forest": {"min_samples_leaf": (8, 3, 1), "max_features": ("log2", "sqrt", 0.1)},
    "logistic_regression": {"C": (0.0005, 0.002, 0.01, 0.05)},
    "svm": {"C": (8.0, 2.0, 0.5), "gamma_times_columns": (0.6, 0.3, 0.15)},
    "gradient_boosting": {"max_iter": (100, 200, 400), "max_leaf_nodes": (8, 16, 32)},
    # As the shipped model is made: what they are was settled by docs/research.md.
    "neural_networks": {},
}


@dataclass(frozen=True)
class Candidate:
    """A kind of classifier with its settings; calling it fits one.

    Attributes
    ----------
    model_type : str
        One of `MODEL_TYPES`.
    params : mapping
        As in the grid of its type.
    """

    model_type: str
    params: Params = field(default_factory=dict)

    def __str__(self) -> str:
        settings = ", ".join(f"{name} {value}" for name, value in self.params.items())
        return f"{self.model_type} ({settings})"

    def __call__(self, table: FeatureTable, seed: int) -> Any:
        """Fit a classifier on a table's rows.

        One thread: the same numbers come out wherever and beside whatever it runs.
        """
        with threadpool_limits(1), warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            if self.model_type == "neural_networks":
                return fit_networks(table, seed)
            return self._fit(table.features, table.fake, row_weights(table), seed)

    def _fit(self, features: Features, fake: Labels, weight: Scores, seed: int) -> Pipeline:
        classifier = _classifier(self.model_type, dict(self.params), features.shape[1], seed)
        if self.model_type == "svm" and len(features) > MOST_SVM_ROWS:
            kept = np.random.default_rng(seed).permutation(len(features))[:MOST_SVM_ROWS]
            features, fake, weight = features[kept], fake[kept], weight[kept]
        scaled = self.model_type in ("logistic_regression", "svm")
        steps = [("scale", clipping_scaler(features))] if scaled else []
        pipeline = Pipeline([*steps, ("classify", classifier)])
        return pipeline.fit(features, fake, classify__sample_weight=weight / weight.mean())


def candidates(model_type: str, size: str) -> list[Candidate]:
    """Return what a search of the given size tries: all types for `AUTO`.

    Raises
    ------
    ValueError
        The type or the size is unknown.
    """
    if size not in SEARCH_SIZES or model_type not in (*MODEL_TYPES, AUTO):
        raise ValueError(f"no search of size {size!r} for {model_type!r}")
    types = MODEL_TYPES if model_type == AUTO else (model_type,)
    return [found for kind in types for found in _grid(kind, size)]


def _grid(model_type: str, size: str) -> list[Candidate]:
    grid = _GRIDS[model_type]
    if size == "quick":
        return [Candidate(model_type, {name: values[1] for name, values in grid.items()})]
    # `normal` leaves out the corners of a grid of two settings: five of nine.
    chosen = []
    for places in product(*(range(len(values)) for values in grid.values())):
        is_corner = len(places) == 2 and all(place != 1 for place in places)
        if size == "thorough" or not is_corner:
            values = (grid[name][place] for name, place in zip(grid, places, strict=True))
            chosen.append(Candidate(model_type, dict(zip(grid, values, strict=True))))
    return chosen


def _classifier(model_type: str, params: dict[str, Any], columns: int, seed: int) -> Any:
    if model_type == "random_forest":
        return RandomForestClassifier(200, random_state=seed, **params)
    if model_type == "logistic_regression":
        return LogisticRegression(max_iter=300, tol=1e-3, **params)
    if model_type == "svm":
        gamma = params.pop("gamma_times_columns") / columns
        return SVC(gamma=gamma, cache_size=400, **params)
    return HistGradientBoostingClassifier(
        learning_rate=0.1,
        max_features=0.1,
        l2_regularization=1.0,
        early_stopping=False,
        random_state=seed,
        **params,
    )
