"""One training run from a feature table to an evaluated version: search, fit, calibrate, test."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedKFold

from detector.engine.model import Model
from training.learning import evaluation, metrics
from training.learning.candidates import Candidate, candidates
from training.learning.evidence import evidence, importance
from training.learning.fitting import is_own, is_package
from training.learning.gate import Check
from training.learning.guard import is_guarded
from training.learning.held_out import judge_table
from training.learning.metrics import Scores
from training.learning.parallel import Workers
from training.learning.recipe import CALIBRATION_FOLDS, Wanted, assemble
from training.learning.retention import check_retention, retention_scores
from training.learning.search import score_fold, search
from training.learning.splits import Indices, connected_groups, purged_folds
from training.learning.table import FeatureTable

OUTER_FOLDS = 4
FEWEST_CLIPS_A_CLASS = 20
ROUNDS = 200
"""Of the bootstrap behind the intervals."""
STEPS = ("outer_folds", "search", "calibrate", "leaky_folds", "retention", "fit", "evaluate")
"""What a run does, in order."""

Report = Callable[[str, float], None]
"""Told of a step and how much of it is done (0 to 1), after each fit; may raise to stop the run."""


class TooLittleError(Exception):
    """There is too little to learn from, or to test on; `code` says of what."""

    def __init__(self, code: str, **params: int) -> None:
        super().__init__(f"{code}: {params}")
        self.code = code
        self.params = params


@dataclass(frozen=True)
class Plan:
    """What a run is asked for."""

    name: str
    model_type: str
    search_size: str
    wanted: Wanted
    seed: int
    snapshot_sha256: str


@dataclass(frozen=True)
class Outcome:
    """A version, and how the guarded clips were judged by it."""

    candidate: Candidate
    artifact: bytes
    manifest: dict[str, Any]
    judged: pd.DataFrame
    retention: list[Check]
    """What the team's samples changed on the base's own clips; empty without either."""


class Store:
    """Where a run keeps what it has finished, so that whoever takes it up again starts there."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def remember(self, name: str, make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """Return what was kept under the name, or make it and keep it."""
        path = self._folder / f"{name}.json"
        if not path.exists():
            partial = path.with_suffix(".partial")
            partial.write_text(json.dumps(make()))
            partial.rename(path)
        # Also what was just made is read back: a run that was interrupted goes on with the same.
        kept: dict[str, Any] = json.loads(path.read_text())
        return kept


def run_experiment(
    table: FeatureTable, plan: Plan, *, workers: Workers, store: Store, report: Report
) -> Outcome:
    """Make a version out of a table, and test it on the table's guarded clips.

    Outer folds of whole sources search for themselves and say what to expect of unknown sources,
    voices and engines. The version's own candidate is then searched for on all rows that may
    train; its calibration and thresholds come from scores of clips that no fit saw.

    The same table and plan give the same artifact and the same figures, to the bit.

    Raises
    ------
    TooLittleError
        ``too_few_clips``, ``too_few_groups`` or ``nothing_to_test_on``.
    """
    train = table.where(~is_guarded(table))
    guarded = table.where(is_guarded(table) & np.asarray(table.rows["copy"] == 0))
    _check(train, guarded)
    asked = candidates(plan.model_type, plan.search_size)
    run = _Run(train, plan, asked, workers, store, report)
    folds = run.outer_folds()
    chosen, tried = run.search()
    scores = run.out_of_fold(chosen)
    leaky = run.leaky_folds(chosen)
    without, together = run.retention(chosen)
    report("fit", 0.0)
    pipeline = chosen(train, plan.seed)
    report("fit", 1.0)
    artifact, manifest = assemble(
        train,
        pipeline,
        scores,
        name=plan.name,
        seed=plan.seed,
        wanted=plan.wanted,
        model_type=chosen.model_type,
        snapshot_sha256=plan.snapshot_sha256,
    )
    report("evaluate", 0.0)
    model = Model.load(artifact, manifest)
    judged = judge_table(model, guarded)
    manifest["metrics"] = evaluation.report(judged, rounds=ROUNDS, seed=plan.seed)
    manifest["evidence"] = evidence(judged, model.threshold)
    report("evaluate", 0.7)
    manifest["evidence"]["importance"] = importance(model, guarded.features, guarded.fake)
    manifest["protocol"] = {
        "candidate": asdict(chosen),
        "search": tried,
        "outer_folds": folds,
        "leaky_folds": leaky,
        "wanted": asdict(plan.wanted),
    }
    report("evaluate", 1.0)
    retained = check_retention(model, train, without, together, seed=plan.seed)
    return Outcome(chosen, artifact, manifest, judged, retained)


def _check(train: FeatureTable, guarded: FeatureTable) -> None:
    clips = train.rows.drop_duplicates("clip")
    fewest = int(min((clips["label"] == label).sum() for label in ("real", "fake")))
    if fewest < FEWEST_CLIPS_A_CLASS:
        raise TooLittleError("too_few_clips", found=fewest, limit=FEWEST_CLIPS_A_CLASS)
    if guarded.rows["label"].nunique() < 2:
        raise TooLittleError("nothing_to_test_on")


class _Run:
    """The steps of one run that take time; each keeps its result."""

    def __init__(
        self,
        train: FeatureTable,
        plan: Plan,
        asked: list[Candidate],
        workers: Workers,
        store: Store,
        report: Report,
    ) -> None:
        self.train = train
        self.plan = plan
        self.asked = asked
        self.workers = workers
        self.store = store
        self.report = report
        self.folds = _usable_folds(train, OUTER_FOLDS, plan.seed)

    def outer_folds(self) -> dict[str, Any]:
        """Search in each outer fold for itself, and measure on what it holds out."""
        self.report("outer_folds", 0.0)
        found = [
            self.store.remember(f"outer-{k}", partial(self._outer_fold, k))
            for k in range(len(self.folds))
        ]
        scores = np.full(len(self.train.rows), np.nan)
        for (_, held_out), fold in zip(self.folds, found, strict=True):
            scores[held_out] = fold["scores"]
        return self._figures(scores, self.folds) | {
            "chosen": [str(Candidate(**fold["candidate"])) for fold in found]
        }

    def _outer_fold(self, k: int) -> dict[str, Any]:
        fit_on, held_out = self.folds[k]
        part = self.train.where(_mask(fit_on, len(self.train.rows)))

        def progress(share: float) -> None:
            self.report("outer_folds", (k + 0.8 * share) / len(self.folds))

        candidate, _ = search(
            part,
            self.asked,
            self.plan.search_size,
            seed=self.plan.seed,
            workers=self.workers,
            progress=progress,
        )
        scores = score_fold(self.train, (fit_on, held_out), candidate, self.plan.seed)
        self.report("outer_folds", (k + 1) / len(self.folds))
        return {"candidate": asdict(candidate), "scores": scores.tolist()}

    def search(self) -> tuple[Candidate, list[dict[str, Any]]]:
        """Choose the version's candidate on all rows that may train."""
        self.report("search", 0.0)

        def make() -> dict[str, Any]:
            chosen, tried = search(
                self.train,
                self.asked,
                self.plan.search_size,
                seed=self.plan.seed,
                workers=self.workers,
                progress=lambda share: self.report("search", share),
            )
            return {"candidate": asdict(chosen), "tried": [asdict(result) for result in tried]}

        kept = self.store.remember("search", make)
        return Candidate(**kept["candidate"]), kept["tried"]

    def out_of_fold(self, chosen: Candidate) -> Scores:
        """Score the training rows by fits of the chosen candidate that did not see them."""
        folds = _usable_folds(self.train, CALIBRATION_FOLDS, self.plan.seed)
        return self._scored("calibrate", chosen, folds)

    def leaky_folds(self, chosen: Candidate) -> dict[str, Any]:
        """Measure as is often done: rows drawn at random, one recording on both sides."""
        split = StratifiedKFold(OUTER_FOLDS - 1, shuffle=True, random_state=self.plan.seed)
        folds = list(split.split(self.train.fake, self.train.fake))
        return self._figures(self._scored("leaky_folds", chosen, folds), folds)

    def retention(self, chosen: Candidate) -> tuple[Scores, Scores]:
        """Score the base's clips by fits without and with own samples, where there are both."""
        own = is_own(self.train.rows)
        self.report("retention", 0.0)
        if own.all() or not own.any():
            return np.full(len(own), np.nan), np.full(len(own), np.nan)

        def make() -> dict[str, Any]:
            scores = retention_scores(self.train, chosen, seed=self.plan.seed, workers=self.workers)
            return dict(
                zip(("without", "together"), (part.tolist() for part in scores), strict=True)
            )

        kept = self.store.remember("retention", make)
        self.report("retention", 1.0)
        return np.array(kept["without"]), np.array(kept["together"])

    def _scored(self, step: str, chosen: Candidate, folds: list[tuple[Indices, Indices]]) -> Scores:
        self.report(step, 0.0)
        kept: list[list[float]] = []

        def make() -> dict[str, Any]:
            tasks = [(fold, chosen, self.plan.seed) for fold in folds]
            for found in self.workers.map(score_fold, self.train, tasks):
                kept.append(found.tolist())
                self.report(step, len(kept) / len(folds))
            return {"scores": kept}

        scores = np.full(len(self.train.rows), np.nan)
        results = self.store.remember(step, make)["scores"]
        for (_, held_out), found in zip(folds, results, strict=True):
            scores[held_out] = found
        return scores

    def _figures(self, scores: Scores, folds: list[tuple[Indices, Indices]]) -> dict[str, Any]:
        """Means over the folds, whose scores are on scales of their own, with their intervals."""
        fake, fold_of = self.train.fake, np.full(len(scores), -1)
        for k, (_, held_out) in enumerate(folds):
            fold_of[held_out] = k
        scored = np.flatnonzero(fold_of >= 0)
        groups = connected_groups(self.train.rows.iloc[scored], ("source_repo",)).astype(object)

        def mean_of(figure: Callable[..., float]) -> Callable[[NDArray[np.intp]], float]:
            def statistic(chosen: NDArray[np.intp]) -> float:
                rows = scored[chosen]
                values = [
                    figure(fake[rows[inside]], scores[rows[inside]])
                    for inside in (fold_of[rows] == k for k in range(len(folds)))
                    if inside.any()
                ]
                known = [value for value in values if np.isfinite(value)]
                return float(np.mean(known)) if known else float("nan")

            return statistic

        found: dict[str, Any] = {"folds": len(folds), "rows": len(scored)}
        for name, figure in (("eer", metrics.eer), ("auc", metrics.auc)):
            statistic = mean_of(figure)
            found[name] = statistic(np.arange(len(scored)))
            found[f"{name}_interval"] = list(
                metrics.cluster_bootstrap(statistic, groups, rounds=100, seed=self.plan.seed)
            )
        return found


def _usable_folds(train: FeatureTable, n_splits: int, seed: int) -> list[tuple[Indices, Indices]]:
    """Purged folds; those whose training rows are of one class cannot say anything."""
    candidates = ~is_package(train.rows)
    sources = train.rows[candidates].groupby("label")["source_repo"].nunique()
    fewest = int(sources.reindex(["real", "fake"], fill_value=0).min())
    if fewest < 2:
        raise TooLittleError("too_few_groups", found=fewest, limit=2)
    folds = [
        (fit_on, held_out)
        for fit_on, held_out in purged_folds(
            train.rows, candidates, n_splits=min(n_splits, fewest), seed=seed
        )
        if len(np.unique(train.fake[fit_on])) == 2 and len(held_out)
    ]
    held_out = np.concatenate([part for _, part in folds]) if folds else np.array([], dtype=int)
    if len(np.unique(train.fake[held_out])) < 2:
        raise TooLittleError("too_few_groups", found=len(folds), limit=2)
    return folds


def _mask(chosen: Indices, length: int) -> NDArray[np.bool_]:
    mask = np.zeros(length, dtype=bool)
    mask[chosen] = True
    return mask
