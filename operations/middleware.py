"""Counts requests, and answers the probes before anything else looks at them."""

import time
from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from operations.counts import REQUEST_SECONDS, REQUESTS
from operations.probes import PROBES

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


class CountRequests:
    """Counts what is answered, by route: never by path, of which there is no end."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer and count."""
        began = time.monotonic()
        response = self.get_response(request)
        # Static files are answered before any route is looked for.
        if request.resolver_match or response.status_code == 404:
            route = request.resolver_match.route if request.resolver_match else "unknown"
            method = request.method if request.method in METHODS else "other"
            REQUESTS.add(method, route, str(response.status_code))
            REQUEST_SECONDS.observe(time.monotonic() - began, route)
        return response
