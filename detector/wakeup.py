"""Tell whoever waits that a prediction has finished. The row is the truth, this only wakes."""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from uuid import UUID

import redis
from django.conf import settings
from django.db import connection as database

from detector.models import Prediction

log = logging.getLogger(__name__)

WAIT_STEP = 1.0
"""Seconds between looks at the row, should a message get lost."""
FIRST_STEP = 0.25
"""Seconds until the first look, should the verdict have come before anybody listened."""
CHANNEL = "voicetell:finished"
PATIENCE_SECONDS = 5.0
"""How long Redis may take to answer whoever begins to listen."""
SILENCE_SECONDS = 30.0
"""Then it is seen whether Redis is still there: to a lost host nothing is sent that could fail."""

_making = threading.Lock()


def connection() -> "redis.Redis":
    """Return this process's Redis client (thread-safe, pooled)."""
    # Of two clients made at the same time one is dropped, and a dropped client closes the
    # connections of whoever already uses it.
    with _making:
        return _connection()


@cache
def _connection() -> "redis.Redis":
    return redis.Redis.from_url(settings.REDIS_URL)


def announce(prediction_id: UUID) -> None:
    """Wake those who wait for the prediction."""
    connection().publish(CHANNEL, prediction_id.bytes)


def release_database() -> None:
    """Give this thread's database connection back to the pool before a long wait."""
    if not database.in_atomic_block:
        database.close()


class _Ear(threading.Thread):
    """Hears of every prediction that finishes, and wakes those who wait in this process.

    One subscription for a process: one for each wait was a connection made and taken down again,
    and four round trips.
    """

    def __init__(self) -> None:
        super().__init__(name="wakeup", daemon=True)
        self.hears = threading.Event()
        self.is_cut_off = False
        self._waiting: dict[UUID, set[threading.Event]] = {}
        self._lock = threading.Lock()

    def run(self) -> None:
        """Listen for good; after an error, anew."""
        while True:
            try:
                self._listen()
            except Exception:
                if not self.is_cut_off:
                    log.warning("nobody is woken until Redis is back", exc_info=True)
                self.is_cut_off = True
                self.hears.clear()
                time.sleep(WAIT_STEP)

    def _listen(self) -> None:
        with connection().pubsub() as messages:
            messages.subscribe(CHANNEL)
            while True:
                message = messages.get_message(timeout=SILENCE_SECONDS)
                if message is None:
                    messages.ping()
                    message = messages.get_message(timeout=PATIENCE_SECONDS)
                if message is None:
                    raise redis.TimeoutError("no answer")
                if message["type"] == "subscribe":
                    self.is_cut_off = False
                    self.hears.set()
                elif message["type"] == "message":
                    self._wake(UUID(bytes=message["data"]))

    def _wake(self, prediction_id: UUID) -> None:
        with self._lock:
            for waits in self._waiting.get(prediction_id, ()):
                waits.set()

    @contextmanager
    def told(self, prediction_ids: Iterable[UUID]) -> Iterator[threading.Event]:
        """Give an event that is set when one of the predictions finishes."""
        finished, wanted = threading.Event(), list(prediction_ids)
        with self._lock:
            for prediction_id in wanted:
                self._waiting.setdefault(prediction_id, set()).add(finished)
        try:
            yield finished
        finally:
            with self._lock:
                for prediction_id in wanted:
                    others = self._waiting[prediction_id]
                    others.discard(finished)
                    if not others:
                        del self._waiting[prediction_id]


def _ear() -> _Ear:
    with _making:
        return _started_ear()


@cache
def _started_ear() -> _Ear:
    ear = _Ear()
    ear.start()
    return ear


@contextmanager
def listening(prediction_ids: Iterable[UUID]) -> Iterator[Callable[[float], bool]]:
    """Give a function that waits so many seconds, or less if one of the predictions finishes.

    It says whether one has finished, whose row is as it will stay then.
    Look at the rows after entering, and again after each wait: only then nothing is missed.

    Raises
    ------
    redis.ConnectionError
        Redis is out of reach.
    """
    ear = _ear()
    if not ear.hears.wait(0 if ear.is_cut_off else PATIENCE_SECONDS):
        raise redis.ConnectionError("Redis out of reach: nobody is woken")
    with ear.told(prediction_ids) as finished:

        def wait(seconds: float) -> bool:
            is_finished = finished.wait(seconds)
            finished.clear()
            return is_finished

        yield wait


def wait_until_finished(prediction: Prediction, *, seconds: float) -> None:
    """Return as soon as the prediction has finished, or after so many seconds; read its row then.

    Holds no database connection while it waits: more may wait than the pool has connections.
    """
    release_database()
    deadline = time.monotonic() + seconds
    step = FIRST_STEP
    with listening([prediction.pk]) as wait:
        while not wait(min(step, deadline - time.monotonic())):
            prediction.refresh_from_db(fields=["status"])
            release_database()
            if prediction.is_finished or time.monotonic() >= deadline:
                return
            step = WAIT_STEP
