"""What is looked up when somebody asks: how things stand in PostgreSQL, Redis and on the disk.

Each group stands alone: where PostgreSQL is away, Redis is still looked at, and the reverse.
"""

import logging
import shutil
from collections.abc import Callable, Iterator

from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connection as database
from django.db.models import Count, Min
from django.utils import timezone
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric
from redis.exceptions import RedisError

from config.stack.paths import data_dir
from detector import workers
from detector.models import Prediction, Status
from detector.upkeep import queue_length
from detector.wakeup import connection as redis_connection
from operations.tally import text
from operations.tasks_watch import LAST_WELL
from training.models import ModelAlias, RunState, Sample, SampleState, TrainingRun
from training.selectors.drift import recent_drift
from webhooks.models import Delivery, DeliveryStatus

log = logging.getLogger(__name__)

QUEUES = ("predict", "train", "extract", "upkeep")
Group = Callable[[], Iterator[Metric]]


def gauges() -> Iterator[Metric]:
    """Return all of them, and whether PostgreSQL and Redis could be asked."""
    yield InfoMetricFamily(
        "voicetell", "The program that answers.", value={"version": settings.VERSION}
    )
    yield from _disk()
    up = GaugeMetricFamily("voicetell_up", "1 where it could be asked.", labels=["service"])
    for service, groups, error in (
        ("postgres", (_database, _clips, _models, _training, _webhooks), DatabaseError),
        ("redis", (_redis, _queues), (RedisError, OSError)),
    ):
        try:
            for group in groups:
                yield from group()
            up.add_metric([service], 1)
        except error:
            log.warning("metrics without %s", service, exc_info=True)
            up.add_metric([service], 0)
    yield up


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(f"voicetell_{name}", text, value=value)


def _by(name: str, text: str, label: str, values: dict[str, float]) -> Metric:
    family = GaugeMetricFamily(f"voicetell_{name}", text, labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family


def _disk() -> Iterator[Metric]:
    folders = {"data": data_dir(), "media": settings.MEDIA_ROOT}
    free: dict[str, float] = {
        name: shutil.disk_usage(path).free for name, path in folders.items() if path.exists()
    }
    yield _by("disk_free_bytes", "Free space where a folder lies.", "folder", free)


def _database() -> Iterator[Metric]:
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT pg_database_size(current_database()), current_setting('max_connections')::int,"
            " (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend')"
        )
        size, limit, used = cursor.fetchone()
    yield _gauge("database_bytes", "Size of the database.", size)
    yield _gauge("database_connections", "Connections to PostgreSQL.", used)
    yield _gauge("database_connections_limit", "Connections that it allows.", limit)


def _clips() -> Iterator[Metric]:
    is_open = Prediction.objects.filter(status__in=[Status.QUEUED, Status.RUNNING]).order_by()
    found = {Status.QUEUED.value: 0.0, Status.RUNNING.value: 0.0}
    found.update(is_open.values_list("status").annotate(Count("pk")))
    yield _by("predictions_open", "Predictions that wait or run.", "status", found)
    first = is_open.filter(status=Status.QUEUED).aggregate(first=Min("created_at"))["first"]
    waited = (timezone.now() - first).total_seconds() if first else 0
    yield _gauge("oldest_waiting_seconds", "For how long the oldest clip has waited.", waited)


def _models() -> Iterator[Metric]:
    family = GaugeMetricFamily(
        "voicetell_model_alias_timestamp_seconds",
        "When a name was last pointed at a version.",
        labels=["alias", "version"],
    )
    for name, version, moved in ModelAlias.objects.values_list("name", "version__name", "moved_at"):
        family.add_metric([name, version], moved.timestamp())
    yield family
    drift = recent_drift()
    if drift is None:
        return
    shifts = {measure.name: measure.psi for measure in drift.measures}
    yield _by(
        "drift_psi", "How far recent clips differ from held-out ones.", "measure", dict(shifts)
    )
    yield _gauge("drift_clips", "Recent clips that were compared.", drift.clips)
    yield _gauge("drift_warnings", "Warnings on the monitor page.", len(drift.warnings))
    yield _gauge("inconclusive_share", "Share of INCONCLUSIVE among them.", drift.inconclusive)


def _training() -> Iterator[Metric]:
    is_open = TrainingRun.objects.filter(state__in=[RunState.QUEUED, RunState.RUNNING]).order_by()
    found = {RunState.QUEUED.value: 0.0, RunState.RUNNING.value: 0.0}
    found.update(is_open.values_list("state").annotate(Count("pk")))
    yield _by("training_runs_open", "Training runs that wait or run.", "state", found)
    waiting = Sample.objects.filter(state=SampleState.WAITING, deleted_at=None).count()
    yield _gauge("samples_waiting", "Samples that wait for review.", waiting)


def _webhooks() -> Iterator[Metric]:
    waiting = Delivery.objects.filter(status=DeliveryStatus.WAITING).count()
    yield _gauge("webhooks_waiting", "Webhook deliveries that wait or are retried.", waiting)


def _redis() -> Iterator[Metric]:
    used = redis_connection().info("memory")["used_memory"]
    yield _gauge("redis_memory_bytes", "Memory that Redis uses.", used)
    found = {text(name): float(at) for name, at in redis_connection().hgetall(LAST_WELL).items()}
    yield _by("task_last_success_timestamp_seconds", "When it last went well.", "task", found)


def _queues() -> Iterator[Metric]:
    yield _gauge("workers_warm", "Predict processes with a model loaded.", workers.count())
    depths: dict[str, float] = {name: queue_length(name) for name in QUEUES}
    yield _by("queue_messages", "Messages that wait in a queue of the broker.", "queue", depths)
