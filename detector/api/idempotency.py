"""`Idempotency-Key`: a POST that is sent twice is done once (draft-ietf-httpapi-idempotency-key).

The first answer is kept in Redis for a day and given again. What a key stands for is told by a
digest of address and body, made while the body is read: nothing is held in memory.
"""

import hashlib
import json
import re
from collections.abc import Callable
from email.message import Message
from typing import Any, Protocol

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.http.request import UnreadablePostError
from django.http.response import HttpResponseBase
from redis.exceptions import RedisError

from accounts.authentication import token_of
from detector.api.middleware import API
from detector.api.problems import ProblemResponse
from detector.wakeup import connection

HEADER = "Idempotency-Key"
KEPT_SECONDS = 24 * 60 * 60
IN_FLIGHT_SECONDS = 10 * 60
"""After which a key is free again whose process died while it worked on it."""

NOT_KEPT = frozenset({401, 403, 409, 413, 429})
"""Answers that another try may well get another answer than; the same goes for our own faults."""

KEPT_HEADERS = ("Content-Type", "Location", "Retry-After", "Preference-Applied", "Allow")

_KEY = re.compile(r'"?([\x21\x23-\x7e]{1,255})"?')
_CHUNK = 64 * 1024


class _Readable(Protocol):
    def read(self, size: int = -1, /) -> bytes: ...
    def readline(self, size: int = -1, /) -> bytes: ...


class DigestedStream:
    """A body that is digested while it is read.

    The boundary of a form is left out: programs draw a new one each time they send a form.
    """

    def __init__(self, stream: _Readable, *, start: bytes, boundary: bytes) -> None:
        self._stream = stream
        self._digest = hashlib.sha256(start)
        self._boundary = boundary
        self._rest = b""

    def read(self, size: int = -1, /) -> bytes:
        """Read as the stream itself does."""
        return self._seen(self._stream.read(size))

    def readline(self, size: int = -1, /) -> bytes:
        """Read a line as the stream itself does."""
        return self._seen(self._stream.readline(size))

    def close(self) -> None:
        """Stay open: what was not read is still to be digested."""

    def finish(self) -> str:
        """Read what is left, and return the digest of all."""
        while self.read(_CHUNK):
            pass
        self._digest.update(self._rest)
        self._rest = b""
        return self._digest.hexdigest()

    def _seen(self, data: bytes) -> bytes:
        if not self._boundary:
            self._digest.update(data)
            return data
        *parts, rest = (self._rest + data).split(self._boundary)
        for part in parts:
            self._digest.update(part)
        # The beginning of a boundary may be at the end.
        cut = max(0, len(rest) - len(self._boundary) + 1)
        self._digest.update(rest[:cut])
        self._rest = rest[cut:]
        return data


class IdempotencyMiddleware:
    """Does a POST with a key once, for each token or person."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer as before if this was asked before."""
        given = request.headers.get(HEADER)
        if given is None or request.method != "POST" or not request.path.startswith(API):
            return self.get_response(request)
        who = _who(request)
        if who is None or int(request.META.get("CONTENT_LENGTH") or 0) > settings.MAX_BATCH_BYTES:
            return self.get_response(request)  # which is refused there
        key = _KEY.fullmatch(given)
        if key is None:
            error = {"field": HEADER, "code": "invalid", "detail": "1 to 255 visible characters."}
            return ProblemResponse(request, "invalid_request", errors=[error])
        name = "voicetell:idempotency:" + hashlib.sha256(f"{who} {key[1]}".encode()).hexdigest()
        try:
            return self._once(request, name)
        except RedisError:
            # Whoever asks for a guarantee gets no answer without it.
            return ProblemResponse(request, "unavailable")

    def _once(self, request: HttpRequest, name: str) -> HttpResponseBase:
        body = _digested(request)
        if not connection().set(name, b"", nx=True, ex=IN_FLIGHT_SECONDS):
            kept = connection().get(name)
            if not kept:
                return ProblemResponse(request, "idempotency_in_flight")
            return _again(request, json.loads(kept), body)
        response = self.get_response(request)
        kept = _kept(response, body)
        if kept is None:
            connection().delete(name)
        else:
            connection().set(name, kept, ex=KEPT_SECONDS)
        return response


def _who(request: HttpRequest) -> str | None:
    if "Authorization" in request.headers:
        token = token_of(request)
        return f"t{token.pk}" if token else None
    user = getattr(request, "user", AnonymousUser())
    return f"u{user.pk}" if user.is_authenticated else None


def _digested(request: HttpRequest) -> DigestedStream:
    header = Message()
    header["Content-Type"] = request.headers.get("Content-Type", "")
    boundary = header.get_boundary("")
    start = f"{request.get_full_path()}\n{header.get_content_type()}\n".encode()
    private: Any = request
    body = DigestedStream(private._stream, start=start, boundary=boundary.encode())
    private._stream = body
    return body


def _kept(response: HttpResponseBase, body: DigestedStream) -> str | None:
    """Return an answer as it is kept, or None where it should not be."""
    if not isinstance(response, HttpResponse):
        return None
    if response.status_code >= 500 or response.status_code in NOT_KEPT:
        return None
    try:
        digest = body.finish()
    except UnreadablePostError:
        return None
    headers = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
    answer = {"digest": digest, "status": response.status_code, "headers": headers}
    return json.dumps(answer | {"body": response.content.decode()})


def _again(request: HttpRequest, kept: dict[str, Any], body: DigestedStream) -> HttpResponseBase:
    if body.finish() != kept["digest"]:
        return ProblemResponse(request, "idempotency_mismatch")
    headers = kept["headers"] | {"Idempotency-Replayed": "true"}
    return HttpResponse(kept["body"], status=kept["status"], headers=headers)
