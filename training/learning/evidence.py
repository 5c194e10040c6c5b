"""What a version carries so that people can look at how good it is: ``manifest["evidence"]``.

All of it is JSON, and small enough to be read by a page without numpy: curves are thinned, of very
many held-out clips a fixed part is kept.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from detector.engine.model import Features, Model
from detector.engine.types import Verdict
from training.learning import metrics
from training.learning.metrics import Labels, Scores

CURVE_POINTS = 200
BINS = 10
HISTOGRAM_BINS = 40
HELD_OUT_MOST = 5000
"""Clips of the held-out table. A hash of their names chooses them, so that two versions judged on
the same clips keep the same ones."""

MEASURES = ("score", "novelty", "seconds", "bandwidth_hz", "level_dbfs", "clipped_share")
"""What the monitor compares between held-out clips and those that come in."""

SHUFFLES = 5
IMPORTANCE_ROWS = 1500


def evidence(judged: pd.DataFrame, threshold: float) -> dict[str, Any]:
    """Describe judged clips.

    Parameters
    ----------
    judged : DataFrame
        As `training.learning.evaluation.judge_clips` returns it: ``label``, ``score``,
        ``probability``, ``verdict``, a name (``clip``, else ``file``) and, where known,
        `MEASURES`.
    threshold : float
        Probability from which a clip is called FAKE.

    Returns
    -------
    dict
        ``errors``: pairs of false-positive and false-negative rate over all thresholds.
        ``at_threshold``: that pair at `threshold`.
        ``reliability``: for each tenth of probability that has clips: ``mean`` (probability),
        ``share`` (that is fake, classes at equal weight), ``clips``.
        ``histogram``: ``edges`` of the score, counts of ``real`` and ``fake``.
        ``confusion``: label to verdict to count.
        ``usual``: measure to ``edges`` between tenths and the ``shares`` of those.
        ``held_out``: one entry a clip in each of ``clips``, ``fake``, ``scores``, ``verdicts``.
    """
    scored = judged[judged["score"].notna()]
    fake = np.asarray(scored["label"] == "fake", dtype=np.int8)
    score = scored["score"].to_numpy(dtype=np.float64)
    share = scored["probability"].to_numpy(dtype=np.float64)
    found: dict[str, Any] = {
        "errors": [],
        "at_threshold": None,
        "reliability": [],
        "histogram": _histogram(fake, score),
        "confusion": _confusion(judged),
        "usual": _usual(judged),
        "held_out": _held_out(judged),
    }
    if 0 < fake.sum() < len(fake):
        called = share >= threshold
        found["errors"] = _errors(fake, score)
        found["at_threshold"] = [
            float(called[fake == 0].mean()),
            float(1 - called[fake == 1].mean()),
        ]
        found["reliability"] = _reliability(fake, share)
    return found


def importance(model: Model, features: Features, fake: Labels, *, seed: int = 0) -> dict[str, Any]:
    """Tell how much each family of columns counts, on windows that training never saw.

    Parameters
    ----------
    features : ndarray of shape (n, n_columns)
    fake : ndarray of shape (n,)

    Returns
    -------
    dict
        Family to ``weight``, the mean distance in log-likelihood units by which the family moves
        a score, and ``auc_loss``, what the AUC loses on average when the family's columns are
        shuffled among the clips. Families that say the same cover for each other in the second.

    References
    ----------
    Breiman, L. (2001). Random forests. Machine Learning 45.
    """
    draw = np.random.default_rng(seed)
    if len(fake) > IMPORTANCE_ROWS:
        chosen = draw.choice(len(fake), IMPORTANCE_ROWS, replace=False)
        features, fake = features[chosen], fake[chosen]
    whole = metrics.auc(fake, model.raw_scores(features))
    weights = [model.weights_of(model.schema.families, row[None], seconds=3.0) for row in features]
    found = {}
    for family, columns in model.schema.families.items():
        losses = []
        for _ in range(SHUFFLES):
            shuffled = features.copy()
            shuffled[:, columns] = features[draw.permutation(len(features))][:, columns]
            losses.append(whole - metrics.auc(fake, model.raw_scores(shuffled)))
        found[family] = {
            "weight": float(np.mean([abs(weight[family]) for weight in weights])),
            "auc_loss": float(np.mean(losses)),
        }
    return found


def _errors(fake: Labels, score: Scores) -> list[list[float]]:
    fpr, fnr = metrics.error_rates(fake, score)
    # Corners only: between them one of the rates stands still.
    turns = np.flatnonzero((np.diff(fpr)[:-1] != 0) & (np.diff(fnr)[1:] != 0)) + 1
    kept = np.unique(np.concatenate(([0], turns, [len(fpr) - 1])))
    if len(kept) > CURVE_POINTS:
        kept = kept[np.unique(np.linspace(0, len(kept) - 1, CURVE_POINTS).astype(int))]
    return [[float(fpr[k]), float(fnr[k])] for k in kept]


def _reliability(fake: Labels, share: Scores) -> list[dict[str, float]]:
    weight = np.where(fake == 1, 0.5 / fake.sum(), 0.5 / (1 - fake).sum())
    place = np.minimum((share * BINS).astype(int), BINS - 1)
    bins = []
    for k in range(BINS):
        inside = place == k
        if inside.any():
            total = weight[inside].sum()
            bins.append(
                {
                    "mean": float((weight[inside] * share[inside]).sum() / total),
                    "share": float((weight[inside] * fake[inside]).sum() / total),
                    "clips": int(inside.sum()),
                }
            )
    return bins


def _histogram(fake: Labels, score: Scores) -> dict[str, list[float]]:
    if not len(score):
        return {"edges": [], "real": [], "fake": []}
    low, high = np.quantile(score, [0.002, 0.998])
    edges = np.linspace(low, max(high, low + 1e-6), HISTOGRAM_BINS + 1)
    held = np.clip(score, edges[0], edges[-1])
    return {
        "edges": edges.tolist(),
        "real": np.histogram(held[fake == 0], edges)[0].tolist(),
        "fake": np.histogram(held[fake == 1], edges)[0].tolist(),
    }


def _confusion(judged: pd.DataFrame) -> dict[str, dict[str, int]]:
    counts: Mapping[tuple[str, str], int] = (
        judged.groupby(["label", "verdict"]).size().astype(int).to_dict()
    )
    return {
        label: {verdict.value: int(counts.get((label, verdict.value), 0)) for verdict in Verdict}
        for label in ("real", "fake")
    }


def _usual(judged: pd.DataFrame) -> dict[str, Any]:
    usual: dict[str, Any] = {
        "clips": len(judged),
        "inconclusive": float((judged["verdict"] == Verdict.INCONCLUSIVE).mean()),
    }
    for measure in MEASURES:
        if measure not in judged:
            continue
        values = judged[measure].to_numpy(dtype=np.float64)
        values = values[np.isfinite(values)]
        if not len(values):
            continue
        edges = np.unique(np.quantile(values, np.linspace(0, 1, BINS + 1)[1:-1]))
        place = np.searchsorted(edges, values, side="right")
        shares = np.bincount(place, minlength=len(edges) + 1) / len(values)
        usual[measure] = {"edges": edges.tolist(), "shares": shares.tolist()}
    return usual


def _held_out(judged: pd.DataFrame) -> dict[str, Any]:
    names = judged["clip"] if "clip" in judged else judged["file"].map(lambda file: Path(file).stem)
    order = np.argsort([hashlib.sha256(name.encode()).hexdigest() for name in names])
    kept = judged.assign(name=names).iloc[order[:HELD_OUT_MOST]]
    return {
        "clips": list(kept["name"]),
        "fake": [int(label == "fake") for label in kept["label"]],
        "scores": [round(score, 3) if np.isfinite(score) else None for score in kept["score"]],
        "verdicts": list(kept["verdict"]),
    }
