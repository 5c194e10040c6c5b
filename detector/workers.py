"""Which predict workers are alive and warm, and how one gets there."""

import logging
import os
import socket
import sys
import threading
from typing import Any

from celery.signals import (
    celeryd_init,
    worker_init,
    worker_process_init,
    worker_process_shutdown,
)
from django.conf import settings
from django.db import connection as database

from detector.wakeup import connection

log = logging.getLogger(__name__)

REGISTER = "voicetell:workers"
BEAT_SECONDS = 3
ALIVE_SECONDS = 12

_queues: set[str] = set()
_stopped = threading.Event()


def count() -> int:
    """Return how many worker processes are warm and were heard of just now."""
    redis = connection()
    now = redis.time()[0]
    return int(redis.zcount(REGISTER, now - ALIVE_SECONDS, "+inf"))


def _member() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"


@celeryd_init.connect
def _note_queues(options: dict[str, Any], **_: Any) -> None:
    queues = options.get("queues") or settings.CELERY_TASK_DEFAULT_QUEUE
    _queues.update(queues.split(",") if isinstance(queues, str) else queues)


@worker_init.connect
def _import_engine(**_: Any) -> None:
    """Import it before the pool forks: the processes share it, and a new one is ready at once."""
    if _queues == {"predict"}:
        # scikit-learn takes pandas along where it is installed, and pandas pyarrow: 65 MB, and a
        # second of each start, for tables that no clip has.
        sys.modules["pandas"] = None  # type: ignore[assignment]  # so an import of it fails
    if "predict" in _queues:
        import detector.judging  # noqa: F401


@worker_process_init.connect
def _warm_up(**_: Any) -> None:
    """Load the champion, start the decoder and judge a clip before taking the first task."""
    if "predict" not in _queues:
        return
    from detector.judging import judge_of
    from training.selectors import version_for

    version = version_for()
    if version is not None:
        judge = judge_of(version)
        for clip in sorted(settings.FIXTURE_CLIPS.glob("*.mp3"))[:1]:
            with clip.open("rb") as source:
                judge.judge(source, sha256="warm-up")
    # Celery closes the file descriptor of a connection that is open now, which it takes for its
    # parent's. The number then belongs to something else, and is closed under it in turn.
    database.close()
    threading.Thread(target=_beat, name="worker-beat", daemon=True).start()


def _beat() -> None:
    """Say every few seconds that this process is here."""
    while True:
        try:
            redis = connection()
            now = redis.time()[0]
            redis.zadd(REGISTER, {_member(): now})
            redis.zremrangebyscore(REGISTER, "-inf", now - 60)
        except Exception:
            log.warning("cannot tell Redis that this worker is alive", exc_info=True)
        if _stopped.wait(BEAT_SECONDS):
            return


@worker_process_shutdown.connect
def _leave(**_: Any) -> None:
    if "predict" in _queues:
        _stopped.set()
        connection().zrem(REGISTER, _member())
