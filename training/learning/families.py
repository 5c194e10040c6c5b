"""The families of classifiers that a search tries, each with its grid."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC


@dataclass(frozen=True, slots=True)
class Family:
    """A kind of classifier: how one is made from a seed, and the settings that are tried."""

    title: str
    make: Callable[[int], Any]
    grid: dict[str, list[Any]]


FAMILIES = {
    "random_forest": Family(
        "random forest",
        lambda seed: RandomForestClassifier(200, random_state=seed),
        {"max_features": ["sqrt", 0.4]},
    ),
    "logistic_regression": Family(
        "logistic regression",
        lambda seed: make_pipeline(
            StandardScaler(), LogisticRegression(max_iter=2000, random_state=seed)
        ),
        {"logisticregression__C": [0.1, 1.0, 10.0]},
    ),
    "svm": Family(
        "support vector machine (RBF)",
        lambda seed: make_pipeline(StandardScaler(), SVC(random_state=seed)),
        {"svc__C": [3.0, 10.0, 30.0], "svc__gamma": [0.05, 0.1]},
    ),
    "gradient_boosting": Family(
        "gradient boosting",
        lambda seed: HistGradientBoostingClassifier(max_iter=300, random_state=seed),
        {"learning_rate": [0.1, 0.2], "max_leaf_nodes": [31, 63]},
    ),
}
