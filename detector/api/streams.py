"""Server-sent events: what changes is told on a connection that stays open for a while.

A stream holds one of the web process's threads, so there are few of them and they end by
themselves; whoever finds none free asks again later, or polls.
"""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any, NamedTuple
from uuid import UUID

from django.http import StreamingHttpResponse
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.utils.encoders import JSONEncoder

from detector import wakeup
from detector.api.problems import ProblemError

MEDIA_TYPE = "text/event-stream"
STREAMS = 8
"""At the same time, in one web process."""
LONGEST_SECONDS = 300
"""Then the client connects again."""
HEARTBEAT_SECONDS = 10.0
"""Something is sent at least so often: only by that a lost client is noticed."""
RECONNECT_MS = 1000

_free = threading.BoundedSemaphore(STREAMS)


class Event(NamedTuple):
    """One message."""

    name: str
    id: str
    """What `Last-Event-ID` says when the client comes again after it."""
    data: Any
    is_last: bool = False


class EventStreamRenderer(BaseRenderer):
    """Writes one event in the stream's form."""

    media_type = MEDIA_TYPE
    format = "event-stream"
    charset = None

    def render(self, data: Event, *args: Any, **kwargs: Any) -> bytes:
        """Return its lines and the empty one that ends it."""
        body = json.dumps(data.data, cls=JSONEncoder, separators=(",", ":"))
        return f"id: {data.id}\nevent: {data.name}\ndata: {body}\n\n".encode()


RENDERERS = [EventStreamRenderer, JSONRenderer]


class _Stream:
    """Iterates over a response's chunks; frees its place however it ends, even unread."""

    def __init__(self, look: Callable[[], list[Event]], prediction_ids: list[UUID]) -> None:
        if not _free.acquire(blocking=False):
            raise ProblemError("too_many_streams")
        self._look = look
        self._renderer = EventStreamRenderer()
        self._ends = time.monotonic() + LONGEST_SECONDS
        self._open = ExitStack()
        self._open.callback(_free.release)
        try:
            self._wait = self._open.enter_context(wakeup.listening(prediction_ids))
        except BaseException:
            self._open.close()
            raise
        self._chunks = self._run()

    def __iter__(self) -> Iterator[bytes]:
        return self._chunks

    def close(self) -> None:
        """Let the next one have the place."""
        self._open.close()

    def _run(self) -> Iterator[bytes]:
        yield f"retry: {RECONNECT_MS}\n\n".encode()
        spoke = time.monotonic()
        while (now := time.monotonic()) < self._ends:
            events = self._look()
            wakeup.release_database()
            for event in events:
                yield self._renderer.render(event)
                if event.is_last:
                    return
            if events:
                spoke = now
            elif now - spoke >= HEARTBEAT_SECONDS:
                yield b": still here\n\n"
                spoke = now
            self._wait(wakeup.WAIT_STEP)


def stream(look: Callable[[], list[Event]], *, prediction_ids: list[UUID]) -> StreamingHttpResponse:
    """Answer with what `look` finds new, until it finds the last event or the time is over.

    Parameters
    ----------
    look : callable
        Returns what has happened since it was called last. Called about once a second and
        whenever one of the predictions finishes.
    prediction_ids : list of UUID
        The predictions.

    Raises
    ------
    ProblemError
        ``too_many_streams``.
    """
    response = StreamingHttpResponse(_Stream(look, prediction_ids), content_type=MEDIA_TYPE)
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Accel-Buffering"] = "no"  # nginx would keep it back
    return response
