"""One run, in the process of its own: from a frozen snapshot to a registered version."""

import logging
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import numpy as np
import pandas as pd
from celery import group
from django.conf import settings
from django.db import transaction

from detector.judging import judge_of
from training.learning.bundle import rounded, write_bundle
from training.learning.experiment import (
    Outcome,
    Plan,
    Store,
    TooLittleError,
    run_experiment,
)
from training.learning.gate import GateResult, compare
from training.learning.guard import is_guarded
from training.learning.held_out import judge_table
from training.learning.parallel import Workers
from training.learning.recipe import Wanted
from training.learning.table import FeatureTable
from training.models import AliasName, ModelVersion, Sample, TrainingRun
from training.own_table import frozen_samples, missing_features, own_table, unmeasured
from training.selectors.registry import version_for
from training.services import runs
from training.services.registry import register_version
from training.tasks import features

log = logging.getLogger(__name__)

EXTRACTION_PATIENCE = 600
"""Seconds without any progress after which what is missing counts as not to be had."""
RESEND_SECONDS = 60
"""Without any progress, what is missing is sent again: a task dies with its worker."""
LOOK_SECONDS = 1.0


class RunFailedError(Exception):
    """The run cannot go on; `code` is a key of `detector.messages.PROBLEMS`."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


def do(run: TrainingRun) -> None:
    """Do a claimed run; its row says how it ended."""
    folder = settings.RUNS_FOLDER / str(run.pk)
    try:
        _do(run, folder)
    except (RunFailedError, TooLittleError) as error:
        runs.fail(run, code=error.code, params=error.params)
    except MemoryError:
        runs.fail(run, code="training_memory")
    except Exception:
        log.exception("%s failed", run.name)
        runs.fail(run, code="training_failed")


def _do(run: TrainingRun, folder: Path) -> None:
    base = FeatureTable.load(settings.BASE_TABLE)
    _extract_missing(run, base.schema)
    runs.progress(run, "gather", 0.0)
    samples = frozen_samples(run.snapshot)
    table = _table(run, base, own_table(samples, base.schema))
    train = int((~is_guarded(table)).sum())
    runs.write_log(run, f"{train:,} rows to learn from, {len(table.rows) - train:,} to test on.")
    del base
    plan = Plan(
        name=run.name,
        model_type=run.model_type,
        search_size=run.search_size,
        wanted=Wanted(fpr=run.target_fpr),
        seed=run.seed,
        snapshot_sha256=run.snapshot.sha256,
    )
    with Workers(settings.TRAIN_JOBS, settings.DASK_SCHEDULER) as workers:
        outcome = run_experiment(
            table,
            plan,
            workers=workers,
            store=Store(folder / "steps"),
            report=lambda step, share: runs.progress(run, step, share),
        )
    runs.write_log(run, f"Chosen: {outcome.candidate}.")
    runs.progress(run, "gate", 0.0)
    champion = version_for(AliasName.CHAMPION)
    gate = _gate(run, champion, outcome, table) if champion else None
    runs.progress(run, "register", 0.0)
    outcome.manifest["card"] = _card(run, samples)
    write_bundle(folder / "bundle", outcome.artifact, outcome.manifest)
    with transaction.atomic():
        version = register_version(bundle=folder / "bundle", actor=run.started_by)
        runs.finish(run, version=version, gate=rounded(gate.to_json()) if gate else None)


def _extract_missing(run: TrainingRun, schema: str) -> None:
    """Let the extraction workers measure what has no rows of this schema, and wait for them."""
    runs.progress(run, "extract", 0.0)
    total = sum(len(missing) for missing in missing_features(run.snapshot, schema))
    if total:
        runs.write_log(run, f"{total:,} samples have to be measured first.")
    done = 0
    for missing in missing_features(run.snapshot, schema):
        for left in _measure(missing, schema):
            runs.progress(run, "extract", (done + len(missing) - left) / total)
        done += len(missing)


def _measure(samples: list[UUID], schema: str) -> Iterator[int]:
    """Send samples to the extraction workers; yield how many are left, until none is.

    Some hundred of a run's at a time: what people add meanwhile does not wait behind all of them.
    """
    left, moved, sent = samples, time.monotonic(), 0.0
    while left:
        if gone := Sample.objects.filter(pk__in=left).exclude(deleted_at=None).count():
            raise RunFailedError("samples_deleted", found=gone)
        now = time.monotonic()
        if now - moved > EXTRACTION_PATIENCE:
            raise RunFailedError("features_missing", found=len(left))
        if not sent or now - max(moved, sent) > RESEND_SECONDS:
            group(features.s(str(sample_id), schema) for sample_id in left).apply_async()
            sent = now
        time.sleep(LOOK_SECONDS)
        before, left = len(left), unmeasured(left, schema)
        if len(left) < before:
            moved = time.monotonic()
        yield len(left)


def _table(run: TrainingRun, base: FeatureTable, own: FeatureTable) -> FeatureTable:
    """Join the tables; without the original data only its guarded clips take part."""
    if not run.snapshot.base_sha256:
        base = base.where(is_guarded(base))
    return FeatureTable.join([base, own])


def _gate(
    run: TrainingRun, champion: ModelVersion, outcome: Outcome, table: FeatureTable
) -> GateResult | None:
    """Compare with the champion on guarded clips that it did not learn from either."""
    if champion.schema != table.schema:
        runs.write_log(run, f"{champion} reads {champion.schema}: it cannot be compared.")
        return None
    judged = outcome.judged[~outcome.judged["clip"].isin(_learned_by(champion))]
    judged = judged.reset_index(drop=True)
    rows = np.isin(table.rows["clip"], judged["clip"]) & is_guarded(table)
    guarded = table.where(rows & np.asarray(table.rows["copy"] == 0))
    result = compare(judge_table(judge_of(champion).model, guarded), judged, seed=run.seed)
    result = GateResult.of([*result.checks, *outcome.retention], clips=result.clips)
    runs.write_log(run, "The gate passed." if result.passed else "The gate stopped it.")
    return result


def _learned_by(version: ModelVersion) -> set[str]:
    """Ids of own samples that a version was fitted on."""
    run = TrainingRun.objects.filter(version=version).select_related("snapshot").first()
    if run is None:
        return set()
    samples = frozen_samples(run.snapshot)
    return set(samples["id"][~samples["guarded"]])


def _card(run: TrainingRun, samples: pd.DataFrame) -> dict[str, str]:
    trained = samples[~samples["guarded"]]
    counts = trained["label"].value_counts()
    with_base = "the base corpus and " if run.snapshot.base_sha256 else ""
    return {
        "What it was trained on": f"{with_base}{counts.get('real', 0)} real and "
        f"{counts.get('fake', 0)} fake clips of the team's own (snapshot "
        f"`{run.snapshot.sha256[:12]}`). {len(samples) - len(trained)} more were kept for the test "
        "and never trained on.",
        "How it was tested": "On the guarded test set: the base corpus's `dev` clips and a fifth "
        "of the groups of own samples. `protocol` of the manifest holds the search, what outer "
        "folds promise for unknown sources, voices and engines, and the leaky figure of random "
        "folds, which promises too much.",
    }
