"""Tell whoever waits that a prediction has finished. The row is the truth, this only wakes."""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from threading import Lock
from uuid import UUID

import redis
from django.conf import settings
from django.db import connection as database

from detector.models import Prediction

WAIT_STEP = 1.0
"""Seconds between looks at the row, should a message get lost."""


_making = Lock()


def connection() -> "redis.Redis":
    """Return this process's Redis client (thread-safe, pooled)."""
    # Of two clients made at the same time one is dropped, and a dropped client closes the
    # connections of whoever already uses it.
    with _making:
        return _connection()


@cache
def _connection() -> "redis.Redis":
    return redis.Redis.from_url(settings.REDIS_URL)


def _channel(prediction_id: UUID) -> str:
    return f"voicetell:finished:{prediction_id}"


def announce(prediction_id: UUID) -> None:
    """Wake those who wait for the prediction."""
    connection().publish(_channel(prediction_id), b"1")


def release_database() -> None:
    """Give this thread's database connection back to the pool before a long wait."""
    if not database.in_atomic_block:
        database.close()


@contextmanager
def listening(prediction_ids: Iterable[UUID]) -> Iterator[Callable[[float], bool]]:
    """Give a function that waits so many seconds, or less if one of the predictions finishes.

    It says whether one has finished, whose row is as it will stay then.
    Look at the rows after entering, and again after each wait: only then nothing is missed.
    """
    with connection().pubsub(ignore_subscribe_messages=True) as messages:
        for prediction_id in prediction_ids:
            messages.subscribe(_channel(prediction_id))

        def wait(seconds: float) -> bool:
            ends = time.monotonic() + seconds
            while (pause := ends - time.monotonic()) > 0:
                if messages.get_message(timeout=pause):
                    return True
            return False

        yield wait


def wait_until_finished(prediction: Prediction, *, seconds: float) -> None:
    """Return as soon as the prediction has finished, or after so many seconds; read its row then.

    Holds no database connection while it waits: more may wait than the pool has connections.
    """
    deadline = time.monotonic() + seconds
    with listening([prediction.pk]) as wait:
        while True:
            prediction.refresh_from_db(fields=["status"])
            release_database()
            left = deadline - time.monotonic()
            if prediction.is_finished or left <= 0 or wait(min(left, WAIT_STEP)):
                return
