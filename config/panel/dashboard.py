"""The panel's first page: how things stand, and what needs somebody."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from redis.exceptions import RedisError

from detector import workers
from detector.activity import latency, prediction_counts
from detector.models import Status
from detector.upkeep import queue_length
from training.models import (
    AliasName,
    Rejudging,
    RejudgingState,
    RunState,
    Sample,
    SampleState,
    TrainingRun,
)
from training.selectors import version_for
from training.selectors.drift import drift_warnings
from training.selectors.runs import current_run

DAY = timedelta(hours=24)
LONG_QUEUE = 200
MANY_FAILED = 0.05
FEW = 20
"""Predictions below which a share says nothing."""


@dataclass(frozen=True, slots=True)
class Tile:
    """A number with what it counts."""

    label: str
    value: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Warning:
    """Something that needs somebody, and where."""

    text: str
    url: str


def dashboard() -> dict[str, Any]:
    """Return the numbers and warnings of the panel's first page."""
    since = timezone.now() - DAY
    day = prediction_counts(since)
    champion = version_for(AliasName.CHAMPION)
    alive, depths = _workers(), {name: _depth(name) for name in ("predict", "extract", "train")}
    waiting = Sample.objects.filter(state=SampleState.WAITING, deleted_at=None).count()
    running = current_run()
    rejudging = Rejudging.objects.filter(state=RejudgingState.RUNNING).count()
    (median,) = latency(since, 0.5)
    predictions = reverse("admin:detector_prediction_changelist")
    models = reverse("training:models")
    tiles = [
        Tile(_("Judged in 24 h"), str(day["by_status"][Status.DONE]), predictions),
        Tile(
            _("Failed in 24 h"),
            str(day["by_status"][Status.FAILED]),
            _failed(),
        ),
        Tile(_("Median time to verdict"), f"{median:.2f} s" if median is not None else _("none")),
        *(
            Tile(_("Queue %(name)s") % {"name": name}, _number(depth))
            for name, depth in depths.items()
        ),
        Tile(_("Warm workers"), _number(alive)),
        Tile(_("Champion"), champion.name if champion else _("none"), models),
        Tile(
            _("Samples that wait for review"),
            str(waiting),
            f"{reverse('admin:training_sample_changelist')}?state__exact=waiting",
        ),
        Tile(_("Training"), _run_words(running), reverse("admin:retrain")),
        Tile(_("Re-judgings running"), str(rejudging), reverse("training:monitor")),
    ]
    mix = [(verdict, count) for verdict, count in day["by_verdict"].items()]
    warnings = [*_service(day["by_status"], alive, depths), *_models(champion is None)]
    return {"tiles": tiles, "mix": mix, "warnings": warnings}


def _number(value: int | None) -> str:
    return _("unknown") if value is None else str(value)


def _run_words(run: TrainingRun | None) -> str:
    if run is None:
        return _("no run yet")
    words = run.get_state_display()
    return f"{words}, {run.percent} %" if run.state == RunState.RUNNING else words


def _failed() -> str:
    return f"{reverse('admin:detector_prediction_changelist')}?status__exact=failed"


def _service(
    by_status: dict[str, int], alive: int | None, depths: dict[str, int | None]
) -> list[Warning]:
    predictions = reverse("admin:detector_prediction_changelist")
    found = []
    if alive is None:
        found.append(Warning(_("Redis cannot be reached: clips wait."), predictions))
    elif alive == 0:
        found.append(Warning(_("No predict worker is alive: clips wait."), predictions))
    if (depths["predict"] or 0) > LONG_QUEUE:
        found.append(Warning(_("%d clips wait for a worker.") % depths["predict"], predictions))
    ended = by_status[Status.DONE] + by_status[Status.FAILED]
    if ended >= FEW and by_status[Status.FAILED] > MANY_FAILED * ended:
        share = by_status[Status.FAILED] / ended
        found.append(
            Warning(
                _("%d %% of the last day's clips failed.") % round(100 * share),
                _failed(),
            )
        )
    return found


def _models(lacks_champion: bool) -> list[Warning]:
    if lacks_champion:
        return [
            Warning(_("No champion is set: nothing can be judged."), reverse("training:models"))
        ]
    return [Warning(text, reverse("training:monitor")) for text in drift_warnings()]


def _workers() -> int | None:
    try:
        return workers.count()
    except RedisError:
        return None


def _depth(queue: str) -> int | None:
    try:
        return queue_length(queue)
    except (RedisError, OSError):
        return None
