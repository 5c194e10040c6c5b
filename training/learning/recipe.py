"""How a version is made from a table: fit, calibrate, threshold, describe."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from detector.engine.model import Calibration, Model, probability
from training.learning.bundle import dump, make_manifest
from training.learning.calibration import (
    fit_calibration,
    fit_thresholds,
    operating_points,
    pool,
)
from training.learning.fitting import Fit, fit_networks, is_package, out_of_fold_scores
from training.learning.held_out import clip_means, clip_novelties, clips_of
from training.learning.metrics import Scores
from training.learning.table import FeatureTable

NOVELTY_QUANTILE = 0.998
CALIBRATION_FOLDS = 10
"""Of five, purged, the models see three fifths of the clips: they err more than the version will,
and its probabilities would be too modest."""


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
    scores = out_of_fold_scores(
        table, ~is_package(table.rows), fit, seed=seed, n_splits=CALIBRATION_FOLDS
    )
    return assemble(
        table,
        fit(table, seed),
        scores,
        name=name,
        seed=seed,
        wanted=wanted,
        model_type=model_type,
        snapshot_sha256=table.sha256(),
    )


def assemble(
    table: FeatureTable,
    pipeline: Any,
    scores: Scores,
    *,
    name: str,
    seed: int,
    wanted: Wanted,
    model_type: str,
    snapshot_sha256: str,
) -> tuple[bytes, dict[str, Any]]:
    """Calibrate a fitted pipeline, fix its thresholds and describe it.

    Parameters
    ----------
    table : FeatureTable
        The rows that the pipeline was fitted on.
    scores : ndarray of shape (n,)
        Raw scores of the rows by models that saw nothing of them; NaN where there is none.

    Returns
    -------
    artifact : bytes
    manifest : dict
        Without metrics and card.
    """
    calibration, threshold, real_threshold, points = _calibrate(table, scores, seed, wanted)
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
        snapshot_sha256=snapshot_sha256,
    )
    manifest["operating_points"] = points
    _, place = clips_of(table.rows)
    novelties = clip_novelties(Model(pipeline, manifest), table.features, place)
    manifest["reference"]["novelty_limit"] = float(np.quantile(novelties, NOVELTY_QUANTILE))
    return artifact, manifest


def _calibrate(
    table: FeatureTable, scores: Scores, seed: int, wanted: Wanted
) -> tuple[Calibration, float, float, list[list[float]]]:
    seen = np.isfinite(scores)
    first, place = clips_of(table.rows[seen])
    rows = table.rows[seen].iloc[first]
    fake, raw = table.fake[seen][first], clip_means(scores[seen], place)
    seconds = rows["seconds"].to_numpy(dtype=float)
    parts = rows[["label", "source_repo", "generator", "speaker", "copy"]].astype(str)
    groups = parts.agg("|".join, axis=1).to_numpy(dtype=object)
    # Calibrated on clips as they are: among altered copies the folds' models err more than the
    # version will, and its probabilities would be too modest.
    unaltered = np.asarray(rows["copy"] == 0)
    calibration = fit_calibration(
        *pool(fake[unaltered], raw[unaltered], seconds[unaltered], groups[unaltered], seed=seed)
    )
    shares = probability(calibration.llr(raw, seconds))
    threshold, real_threshold = fit_thresholds(
        fake,
        shares,
        most_fpr=wanted.fpr,
        most_fnr=wanted.fnr,
        most_inconclusive=wanted.inconclusive,
    )
    return calibration, threshold, real_threshold, operating_points(fake, shares)


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
