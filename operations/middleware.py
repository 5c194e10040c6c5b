"""Counts requests and writes them down, and answers the probes before others look at them."""

import logging
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from accounts.models import User
from operations.counts import REQUEST_SECONDS, REQUESTS
from operations.probes import PROBES

api_log = logging.getLogger("voicetell.api")
page_log = logging.getLogger("voicetell.pages")

Handler = Callable[[HttpRequest], HttpResponseBase]
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
"""What a client may make up beside them has no end, and each would be a series of its own."""


class ProbeMiddleware:
    """Answers ``/healthz`` and ``/readyz``.

    Before the checks of host name and HTTPS: an orchestrator asks by address, in plain HTTP.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer a probe, or let the request through."""
        probe = PROBES.get(request.path) if request.method in ("GET", "HEAD") else None
        return probe(request) if probe else self.get_response(request)


class RequestsMiddleware:
    """Counts what is answered and writes a line for each, by route.

    Never by path: of paths there is no end, and some hold secrets, as invitations do.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, count, write."""
        began = time.monotonic()
        response = self.get_response(request)
        match = request.resolver_match
        # Static files are answered before any route is looked for.
        if match or response.status_code == 404:
            route = match.route if match else "unknown"
            seconds = time.monotonic() - began
            method = request.method if request.method in METHODS else "other"
            REQUESTS.add(method, route, str(response.status_code))
            REQUEST_SECONDS.observe(seconds, route)
            log = api_log if request.path.startswith("/api/") else page_log
            log.info(
                "%s %s %s",
                method,
                route,
                response.status_code,
                extra={
                    "method": method,
                    "route": route,
                    "status": response.status_code,
                    "seconds": round(seconds, 4),
                    "person": _person(request),
                    **(_ids(match.kwargs) if match else {}),
                },
            )
        return response


def _person(request: HttpRequest) -> int | None:
    """Return who asked, if that is known: nobody is looked up for the sake of the log."""
    user: Any = getattr(request, "user", None)
    known = user if type(user) is User else getattr(request, "_cached_user", None)
    return getattr(known, "pk", None)


def _ids(arguments: dict[str, Any]) -> dict[str, str]:
    """Return the ids in an address: `prediction_id` as `prediction`."""
    return {
        name.removesuffix("_id"): str(value)
        for name, value in arguments.items()
        if isinstance(value, UUID | int)
    }
