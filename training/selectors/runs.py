"""Reads: training runs."""

from uuid import UUID

from django.db.models import QuerySet

from training.models import RunState, TrainingRun


def runs() -> QuerySet[TrainingRun]:
    """Return all runs, newest first, without what only one run's own page shows."""
    return (
        TrainingRun.objects.select_related("snapshot", "started_by", "version", "gate")
        .defer("log", "version__manifest", "gate__checks")
        .order_by("-created_at", "-id")
    )


def find_run(run_id: UUID) -> TrainingRun | None:
    """Return a run with all that its page shows, or None."""
    return (
        TrainingRun.objects.select_related(
            "snapshot", "started_by", "cancelled_by", "version", "gate__champion"
        )
        .defer("gate__champion__manifest")
        .filter(pk=run_id)
        .first()
    )


def current_run() -> TrainingRun | None:
    """Return the run that runs, else the one that waits longest, else the last that ended."""
    found = runs().filter(state=RunState.RUNNING).first()
    found = found or runs().filter(state=RunState.QUEUED).order_by("created_at").first()
    return found or runs().first()


def waiting_before(run: TrainingRun) -> int:
    """Return how many runs come first."""
    earlier = TrainingRun.objects.filter(created_at__lt=run.created_at)
    return earlier.filter(state__in=[RunState.QUEUED, RunState.RUNNING]).count()
