"""Counts tasks and how long they took, and remembers when each kind last went well."""

import time
from typing import Any

from celery.signals import task_postrun, task_prerun
from redis.exceptions import RedisError

from detector.wakeup import connection
from operations.counts import TASK_SECONDS, TASKS

LAST_WELL = "voicetell:tasks:last-well"
"""Redis hash: name of a task to the Unix time at which one of its kind last went well."""

WATCHED = ("detector.sweep",)
"""What the beat sends: where it stays away, the beat or the worker for short jobs is gone."""


@task_prerun.connect
def _begin(task: Any, **_: Any) -> None:
    task.request.began = time.monotonic()


@task_postrun.connect
def _count(task: Any, state: str | None = None, **_: Any) -> None:
    TASKS.add(task.name, (state or "unknown").lower())
    if began := getattr(task.request, "began", None):
        TASK_SECONDS.observe(time.monotonic() - began, task.name)
    if task.name in WATCHED and state == "SUCCESS":
        try:
            connection().hset(LAST_WELL, task.name, time.time())
        except RedisError:
            return
