"""Comparing families of classifiers on a table of columns by nested cross-validation."""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import GridSearchCV, StratifiedKFold, cross_validate

from training.learning.families import FAMILIES
from training.learning.feature_csv import LabelledColumns
from training.learning.metrics import Labels

FIGURES = ("accuracy", "precision", "recall", "f1", "roc_auc")
INNER_FOLDS = 3
TIMED_ROWS = 200

LEAK = (
    "Read these figures for what they are. The table says of no row which recording or speaker it "
    "is from, so the folds are drawn by row, and one recording's seconds lie on both sides of "
    "every split: the folds leak recordings. A model that knows a recording by its sound answers "
    "right here and has learned nothing of new voices. The figures say how well a model fits this "
    "table, and compare with others drawn the same way; they say nothing of the next clip."
)
FOREIGN_RATE = (
    "Beyond 8,000 Hz in {columns}: the table was measured on audio of a higher sample rate than "
    "the 16 kHz that the engine works at, so a model fitted on it does not fit what the engine "
    "measures of a clip."
)


@dataclass(frozen=True, slots=True)
class Compared:
    """What one family reached; means and standard deviations are over the outer folds."""

    family: str
    mean: dict[str, float]
    spread: dict[str, float]
    settings: str
    """Those chosen by most folds."""
    row_ms: float
    """Milliseconds to answer for one row by itself (median)."""
    batch_row_us: float
    """Microseconds a row where all rows of a fold are asked about at once."""


def compare(
    table: LabelledColumns,
    families: Iterable[str] = tuple(FAMILIES),
    *,
    folds: int = 10,
    seed: int = 1,
    jobs: int = 1,
) -> list[Compared]:
    """Cross-validate each family, the best accuracy first.

    Within the training rows of each fold a grid search over `INNER_FOLDS` folds chooses the
    settings, so no figure comes from rows that chose anything.
    """
    values = table.complete()
    found = [
        _compare(name, values, table.fake, folds=folds, seed=seed, jobs=jobs) for name in families
    ]
    return sorted(found, key=lambda result: -result.mean["accuracy"])


def _compare(
    name: str, values: NDArray[np.float64], fake: Labels, *, folds: int, seed: int, jobs: int
) -> Compared:
    family = FAMILIES[name]
    inner = StratifiedKFold(INNER_FOLDS, shuffle=True, random_state=seed + 1)
    search = GridSearchCV(family.make(seed), family.grid, cv=inner)
    outer = StratifiedKFold(folds, shuffle=True, random_state=seed)
    found = cross_validate(
        search, values, fake, cv=outer, scoring=FIGURES, return_estimator=True, n_jobs=jobs
    )
    fitted = [estimator.best_estimator_ for estimator in found["estimator"]]
    chosen = Counter(
        json.dumps(estimator.best_params_, sort_keys=True) for estimator in found["estimator"]
    )
    fold = next(outer.split(values, fake))[1]
    row_ms, batch_row_us = _latency(fitted[0], values[fold])
    scores = {figure: found[f"test_{figure}"] for figure in FIGURES}
    return Compared(
        family=name,
        mean={figure: float(values.mean()) for figure, values in scores.items()},
        spread={figure: float(values.std()) for figure, values in scores.items()},
        settings=_plain(json.loads(chosen.most_common(1)[0][0])),
        row_ms=row_ms,
        batch_row_us=batch_row_us,
    )


def _latency(estimator: Any, rows: NDArray[np.float64]) -> tuple[float, float]:
    estimator.predict(rows[:1])
    alone = []
    for row in rows[:TIMED_ROWS]:
        start = perf_counter()
        estimator.predict(row[None])
        alone.append(perf_counter() - start)
    start = perf_counter()
    estimator.predict(rows)
    return float(np.median(alone)) * 1e3, (perf_counter() - start) / len(rows) * 1e6


def _plain(settings: dict[str, Any]) -> str:
    return ", ".join(f"{name.split('__')[-1]} {value}" for name, value in settings.items())


def cautions(table: LabelledColumns) -> list[str]:
    """Say what a reader of figures on this table must know."""
    foreign = table.foreign_rate_columns
    return [LEAK, *([FOREIGN_RATE.format(columns=", ".join(foreign))] if foreign else [])]


def comparison_lines(table: LabelledColumns, results: list[Compared], folds: int) -> list[str]:
    """Report in Markdown: the table of families, then what the figures do not say."""
    fakes = int(table.fake.sum())
    lines = [
        f"{len(table.fake):,} rows, {len(table.fake) - fakes:,} REAL and {fakes:,} FAKE; "
        f"{folds} folds by row, settings by grid search inside each. Precision, recall and F1 are "
        "of FAKE; after the sign the standard deviation over the folds.",
        "",
        "| classifier | accuracy | precision | recall | F1 | ROC-AUC | one row | row in a batch "
        "| settings |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for result in results:
        cells = [
            f"{100 * result.mean[figure]:.2f} ± {100 * result.spread[figure]:.2f} %"
            for figure in FIGURES[:4]
        ]
        auc = f"{result.mean['roc_auc']:.5f} ± {result.spread['roc_auc']:.5f}"
        lines.append(
            f"| {FAMILIES[result.family].title} | {' | '.join(cells)} | {auc} "
            f"| {result.row_ms:.2f} ms | {result.batch_row_us:.1f} µs | {result.settings} |"
        )
    return [*lines, *(line for caution in cautions(table) for line in ("", caution))]
