"""Writes: the life of a training run. No numpy here: the web process imports this."""

import logging
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, JSONField, Value
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Now
from django.utils import timezone
from redis.exceptions import RedisError

from accounts.models import User
from accounts.services import record
from training import events, snapshots
from training.models import (
    AliasName,
    GateReport,
    ModelType,
    ModelVersion,
    PromotePolicy,
    RunState,
    SearchSize,
    TrainingRun,
)
from training.selectors.registry import version_for
from training.services import promotion
from training.services.registry import promote
from training.steps import STEPS, percent

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=30)
"""Renewed every second while the run's process lives."""
FEWEST_SAMPLES = 10
"""Of a team's own: fewer change nothing that could be measured."""
FEWEST_OF_A_CLASS = 30
"""Of each label, where the base table does not take part."""


class RunRefusedError(Exception):
    """A run would make no sense; `code` is a key of `detector.messages.PROBLEMS`."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


def start_run(
    *,
    actor: User,
    include_original_data: bool = True,
    model_type: str = ModelType.AUTO,
    search_size: str = SearchSize.NORMAL,
    target_fpr: float = 0.02,
    promote_policy: str = PromotePolicy.NEVER,
    seed: int = 1,
) -> TrainingRun:
    """Freeze a snapshot and queue a run on it.

    Raises
    ------
    RunRefusedError
        ``too_few_samples``, ``too_few_of_a_class``, or ``nothing_new`` where the same samples have
        been learned from with the same settings, or are about to be.
    ValidationError
        A setting is out of its range.
    """
    snapshot = snapshots.freeze(include_original_data=include_original_data)
    if snapshot.samples < FEWEST_SAMPLES:
        raise RunRefusedError("too_few_samples", found=snapshot.samples, limit=FEWEST_SAMPLES)
    fewest = min(snapshot.real, snapshot.fake)
    if not include_original_data and fewest < FEWEST_OF_A_CLASS:
        raise RunRefusedError(
            "too_few_of_a_class", real=snapshot.real, fake=snapshot.fake, limit=FEWEST_OF_A_CLASS
        )
    wanted = {
        "snapshot": snapshot,
        "model_type": model_type,
        "search_size": search_size,
        "target_fpr": target_fpr,
        "seed": seed,
    }
    run = TrainingRun(started_by=actor, promote_policy=promote_policy, **wanted)
    run.clean_fields(exclude={"started_by", "snapshot", "cancelled_by", "log", "error_params"})
    same = TrainingRun.objects.filter(**wanted).exclude(
        state__in=[RunState.FAILED, RunState.CANCELLED]
    )
    earlier = same.first()
    if earlier:
        raise RunRefusedError("nothing_new", run=earlier.name)
    with transaction.atomic():
        run.save()
        record(
            actor=actor,
            action="run.started",
            target=run.name,
            details={"snapshot": snapshot.sha256, "model_type": model_type},
        )
        transaction.on_commit(send)
    return run


def send() -> None:
    """Tell the train workers to look at the queue. Without a broker the sweep does it later."""
    from training.tasks import train

    try:
        train.delay()
    except (RedisError, OSError, train.OperationalError):
        log.warning("broker out of reach; the run waits for the sweep")


def claim_next() -> TrainingRun | None:
    """Take a lease on the run that has waited longest; None while another one runs."""
    waiting = TrainingRun.objects.filter(state=RunState.QUEUED).order_by("created_at").first()
    if waiting is None:
        return None
    lease = uuid4()
    try:
        with transaction.atomic():
            taken = TrainingRun.objects.filter(pk=waiting.pk, state=RunState.QUEUED).update(
                state=RunState.RUNNING,
                lease=lease,
                lease_expires_at=Now() + LEASE,
                attempts=F("attempts") + 1,
                started_at=Now(),
            )
    except IntegrityError:  # one runs at a time
        return None
    return TrainingRun.objects.get(pk=waiting.pk) if taken else None


def keep_alive(run: TrainingRun) -> bool:
    """Renew the lease; False where the run is to end: it was cancelled, or is another's now."""
    held = _held(run).filter(cancelled_by=None)
    return bool(held.update(lease_expires_at=Now() + LEASE))


def progress(run: TrainingRun, step: str, share: float) -> None:
    """Note how far a run is; the first word of each step goes into its log."""
    fields: dict[str, Any] = {"step": step, "percent": percent(step, share)}
    _held(run).update(**fields)
    if run.step != step:
        run.step = step
        write_log(run, str(STEPS[step][0]))


def write_log(run: TrainingRun, text: str) -> None:
    """Add a line to a run's log."""
    entry = [{"at": timezone.now().isoformat(timespec="seconds"), "text": text}]
    longer = CombinedExpression(F("log"), "||", Value(entry, output_field=JSONField()))
    TrainingRun.objects.filter(pk=run.pk).update(log=longer)
    events.tell_log(run, text, step=run.step)


def finish(run: TrainingRun, *, version: ModelVersion, gate: dict[str, Any] | None) -> bool:
    """End a run with its version, which becomes champion or challenger as its policy says.

    Called in the transaction that registers the version, so that there is all of it or nothing;
    False if the lease was lost.
    """
    champion = version_for(AliasName.CHAMPION)
    report: GateReport | None = None
    if champion is not None and gate is not None:
        report = promotion.report_gate(version=version, champion=champion, result=gate)
    written = _end(run, RunState.DONE, version=version, gate=report, percent=100)
    if not written:
        return False
    if champion is None:
        promote(version=version, actor=run.started_by, reason="the first version")
    elif report and report.passed and run.promote_policy == PromotePolicy.GATE:
        promotion.promote_by_gate(
            version=version, actor=run.started_by, reason=f"{run.name}: the gate passed"
        )
    else:
        promotion.set_challenger(version=version, actor=run.started_by)
    record(actor=run.started_by, action="run.done", target=run.name)
    events.run_ended(run)
    return True


@transaction.atomic
def fail(run: TrainingRun, *, code: str, params: dict[str, Any] | None = None) -> bool:
    """End a run with a problem's code; False if the lease was lost."""
    written = _end(run, RunState.FAILED, error_code=code, error_params=params or {})
    if written:
        events.run_ended(run)
    return written


def lost(run: TrainingRun, *, code: str = "training_lost") -> None:
    """Queue a run again whose process is gone, from its last finished step; not for ever."""
    if run.attempts >= settings.MAX_ATTEMPTS:
        fail(run, code=code)
        return
    given_back = _held(run).update(
        state=RunState.QUEUED, lease=None, lease_expires_at=None, sent_at=timezone.now()
    )
    if given_back:
        write_log(run, "Its process was lost; it goes on from its last finished step.")
        transaction.on_commit(send)


@transaction.atomic
def cancel_run(*, run: TrainingRun, actor: User) -> bool:
    """Cancel a run: at once while it waits, else as soon as its worker looks (a second).

    Returns
    -------
    bool
        False where it has ended already.
    """
    # Locked, so that it is not claimed in between.
    locked = TrainingRun.objects.select_for_update().get(pk=run.pk)
    if not locked.is_open:
        return False
    locked.cancelled_by = actor
    locked.save(update_fields=["cancelled_by"])
    record(actor=actor, action="run.cancelled", target=run.name)
    if locked.state == RunState.QUEUED:
        TrainingRun.objects.filter(pk=run.pk).update(
            state=RunState.CANCELLED, finished_at=timezone.now()
        )
    return True


def end_cancelled(run: TrainingRun) -> bool:
    """Note that a cancelled run's process has ended."""
    return _held(run).exclude(cancelled_by=None).exists() and _end(run, RunState.CANCELLED)


def sweep_runs() -> None:
    """Take up runs whose worker is gone, and wake the workers if a run waits unseen."""
    # The database's clock: those of hosts differ, and jump.
    for run in TrainingRun.objects.filter(state=RunState.RUNNING, lease_expires_at__lt=Now()):
        if not end_cancelled(run):
            lost(run)
    if not TrainingRun.objects.filter(state=RunState.RUNNING).exists():
        waiting = TrainingRun.objects.filter(
            state=RunState.QUEUED, sent_at__lt=Now() - timedelta(seconds=15)
        )
        if waiting.update(sent_at=Now()):
            send()


def _held(run: TrainingRun) -> Any:
    return TrainingRun.objects.filter(pk=run.pk, state=RunState.RUNNING, lease=run.lease)


def _end(run: TrainingRun, state: RunState, **fields: Any) -> bool:
    written = _held(run).update(
        state=state, lease=None, lease_expires_at=None, finished_at=timezone.now(), **fields
    )
    if written:
        transaction.on_commit(send)
    return bool(written)
