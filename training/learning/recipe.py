"""How a version is made from a table: fit, calibrate, threshold, describe."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from detector.engine.model import Model, probability
from training.learning.bundle import dump, make_manifest
from training.learning.calibration import fit_calibration, fit_thresholds, pool
from training.learning.fitting import Fit, fit_networks, is_package, out_of_fold_scores, row_weights
from training.learning.table import FeatureTable

NOVELTY_QUANTILE = 0.998


@dataclass(frozen=True, slots=True)
class Wanted:
    """Error rates that thresholds are fixed for, 0 to 1."""

    fpr: float = 0.02
    fnr: float = 0.03
    inconclusive: float = 0.2


def make_version(
    table: FeatureTable,
    *,
    name: str,
    seed: int,
    wanted: Wanted,
    fit: Fit = fit_networks,
    model_type: str = "neural_networks",
) -> tuple[bytes, dict[str, Any]]:
    """Make a model version out of the training rows of a table.

    The classifier is fitted on all of them. Calibration and thresholds come from scores out of
    folds that share no source, generator or speaker with what they were fitted on, and of clips of
    the research corpus: the voices out of packages are few and easy.

    Returns
    -------
    artifact : bytes
    manifest : dict
        Without metrics and card.
    """
    rows = table.rows
    scores = out_of_fold_scores(table, ~is_package(rows), fit, seed=seed)
    seen = np.isfinite(scores)
    fake, scores = table.fake[seen], scores[seen]
    parts = rows.loc[seen, ["label", "source_repo", "generator", "speaker", "copy"]].astype(str)
    pooled = pool(
        fake,
        scores,
        rows.loc[seen, "seconds"].to_numpy(dtype=float),
        parts.agg("|".join, axis=1).to_numpy(dtype=object),
        seed=seed,
    )
    calibration = fit_calibration(*pooled)
    own = calibration.llr(scores, rows.loc[seen, "seconds"].to_numpy(dtype=float))
    threshold, real_threshold = fit_thresholds(
        fake,
        probability(own),
        most_fpr=wanted.fpr,
        most_fnr=wanted.fnr,
        most_inconclusive=wanted.inconclusive,
    )
    pipeline = fit(table.features, table.fake, row_weights(table), seed)
    artifact = dump(pipeline)
    manifest = make_manifest(
        artifact,
        name=name,
        model_type=model_type,
        schema=table.schema,
        calibration=calibration,
        threshold=threshold,
        real_threshold=real_threshold,
        reference=_reference(table),
        seed=seed,
        snapshot_sha256=table.sha256(),
    )
    model = Model(pipeline, manifest)
    novelty = [model.novelty(row[None]) for row in table.features]
    manifest["reference"]["novelty_limit"] = float(np.quantile(novelty, NOVELTY_QUANTILE))
    return artifact, manifest


def _reference(table: FeatureTable) -> dict[str, Any]:
    """Mean and spread of the columns, both classes counting alike."""
    classes = [table.features[table.fake == label] for label in (0, 1)]
    mean = np.mean([part.mean(axis=0) for part in classes], axis=0)
    square = np.mean([((part - mean) ** 2).mean(axis=0) for part in classes], axis=0)
    return {
        "mean": mean.tolist(),
        "scale": (np.sqrt(square) + 1e-6).tolist(),
        "novelty_limit": float("inf"),
    }
