"""One id for all that a request sets off: in its answer, in the logs, in its tasks' logs."""

import logging
import re
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any
from uuid import uuid4

from celery.signals import before_task_publish, task_postrun, task_prerun
from django.http import HttpRequest
from django.http.response import HttpResponseBase

HEADER = "X-Request-ID"
_SOUND = re.compile(r"[\w.-]{1,64}", re.ASCII)

_current: ContextVar[str] = ContextVar("request_id", default="")


class RequestIdMiddleware:
    """Takes the id that a proxy or a client has given, or makes one up."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer with the id in the header."""
        given = request.headers.get(HEADER, "")
        request_id = given if _SOUND.fullmatch(given) else uuid4().hex
        before = _current.set(request_id)
        try:
            response = self.get_response(request)
        finally:
            _current.reset(before)
        response.headers[HEADER] = request_id
        return response


class RequestIdFilter(logging.Filter):
    """Gives every line of a log the id of the request that it is about."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Add the id; `-` where there is no request."""
        record.request_id = _current.get() or "-"
        return True


@before_task_publish.connect
def _send_along(headers: dict[str, Any], **_: Any) -> None:
    if request_id := _current.get():
        headers["request_id"] = request_id


@task_prerun.connect
def _take_over(task: Any, **_: Any) -> None:
    _current.set(task.request.get("request_id") or "")


@task_postrun.connect
def _forget(**_: Any) -> None:
    _current.set("")
