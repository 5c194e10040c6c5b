"""Counters and histograms that all processes of all hosts add to, kept in Redis.

A process collects for a second and then adds all of it to Redis at once, so that counting costs a
request no round trip. What a process has not sent when it is killed is lost, and so is everything
when Redis is emptied: for Prometheus that is a counter that was reset.
"""

import json
import logging
import os
import threading
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import redis
from django.conf import settings
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric

log = logging.getLogger(__name__)

HASH = "voicetell:tally"
SEND_AFTER = 1.0
SUM = "sum"

_lock = threading.Lock()
_amounts: defaultdict[str, float] = defaultdict(float)
_timer: threading.Timer | None = None


@dataclass(frozen=True)
class Count:
    """A number of events that only grows."""

    name: str
    help: str
    labels: tuple[str, ...] = ()

    def add(self, *values: str, amount: float = 1) -> None:
        """Add to the series with these values of the labels."""
        assert len(values) == len(self.labels)
        _add({_field(self.name, values): amount})

    def family(self, found: dict[str, float]) -> Metric:
        """Return what was counted, for the exposition."""
        family = CounterMetricFamily(self.name, self.help, labels=self.labels)
        for values, amount in _of(self.name, found):
            family.add_metric(values, amount)
        return family


@dataclass(frozen=True)
class Histogram:
    """How many seconds something took."""

    name: str
    help: str
    bounds: tuple[float, ...]
    """Upper ends of the buckets, in seconds; what is above the last one is in +Inf."""
    labels: tuple[str, ...] = ()

    def observe(self, seconds: float, *values: str) -> None:
        """Add one observation to the series with these values of the labels."""
        assert len(values) == len(self.labels)
        place = str(bisect_left(self.bounds, seconds))
        _add({_field(self.name, (*values, place)): 1, _field(self.name, (*values, SUM)): seconds})

    def family(self, found: dict[str, float]) -> Metric:
        """Return what was observed, for the exposition."""
        family = HistogramMetricFamily(self.name, self.help, labels=self.labels)
        series: dict[tuple[str, ...], dict[str, float]] = {}
        for values, amount in _of(self.name, found):
            series.setdefault(tuple(values[:-1]), {})[values[-1]] = amount
        for labels, amounts in series.items():
            total, buckets = 0.0, []
            for place, bound in enumerate([*map(str, self.bounds), "+Inf"]):
                total += amounts.get(str(place), 0)
                buckets.append((bound, total))
            family.add_metric(labels, buckets, sum_value=amounts.get(SUM, 0))
        return family


def read() -> dict[str, float]:
    """Return everything that was counted, by field.

    Raises
    ------
    redis.RedisError
        Redis is out of reach.
    """
    return {text(field): float(value) for field, value in _redis().hgetall(HASH).items()}


def text(found: bytes | str) -> str:
    """Return a word of Redis's, which its client gives as bytes."""
    return found.decode() if isinstance(found, bytes) else found


def send() -> None:
    """Add what this process has counted to what all have counted."""
    global _timer
    with _lock:
        amounts, _timer = dict(_amounts), None
        _amounts.clear()
    try:
        with _redis().pipeline(transaction=False) as pipe:
            for field, amount in amounts.items():
                pipe.hincrbyfloat(HASH, field, amount)
            pipe.execute()
    except redis.RedisError:
        # They are counted later; keeping the site running matters more than the figures.
        _add(amounts)


def _add(amounts: Mapping[str, float]) -> None:
    global _timer
    with _lock:
        for field, amount in amounts.items():
            _amounts[field] += amount
        if _timer is None:
            _timer = threading.Timer(SEND_AFTER, send)
            _timer.daemon = True
            _timer.start()


def _begin_anew() -> None:
    """A child begins with nothing: what its parent has counted, its parent sends."""
    global _lock, _timer
    _lock, _timer = threading.Lock(), None
    _amounts.clear()
    _redis.cache_clear()


os.register_at_fork(after_in_child=_begin_anew)


@cache
def _redis() -> "redis.Redis":
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2)


def _field(name: str, values: Sequence[str]) -> str:
    return json.dumps([name, *values])


def _of(name: str, found: dict[str, float]) -> Iterator[tuple[list[str], float]]:
    for field, amount in found.items():
        first, *values = json.loads(field)
        if first == name:
            yield values, amount
