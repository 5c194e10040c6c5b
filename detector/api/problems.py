"""Every answer that is not a success: `application/problem+json` (RFC 9457)."""

import logging
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.exceptions import (
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, JsonResponse
from django.http.request import UnreadablePostError
from django.views.decorators.csrf import csrf_exempt
from rest_framework import exceptions
from rest_framework.request import Request

from detector.engine.errors import ClipError
from detector.messages import PROBLEMS, problem_text

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
TYPES = "/api/problems/"
"""Where the problems' own pages are: the beginning of every `type`."""

RETRY_AFTER_SECONDS = 5
"""What `Retry-After` says where nothing better is known."""

CODES: dict[type[Exception], str] = {
    exceptions.AuthenticationFailed: "invalid_token",
    exceptions.NotAuthenticated: "not_authenticated",
    exceptions.PermissionDenied: "permission_denied",
    exceptions.NotFound: "not_found",
    exceptions.MethodNotAllowed: "method_not_allowed",
    exceptions.NotAcceptable: "not_acceptable",
    exceptions.UnsupportedMediaType: "unsupported_media_type",
    exceptions.Throttled: "throttled",
    exceptions.ParseError: "parse_error",
    exceptions.ValidationError: "invalid_request",
    Http404: "not_found",
    PermissionDenied: "permission_denied",
    UnreadablePostError: "parse_error",
    RequestDataTooBig: "request_too_large",
    TooManyFieldsSent: "request_too_large",
    SuspiciousOperation: "invalid_request",
    OperationalError: "unavailable",
    InterfaceError: "unavailable",
}
"""Which problem an exception is; a class that is not here counts as its nearest parent."""


class ProblemError(Exception):
    """The request cannot be answered as asked.

    Parameters
    ----------
    code : str
        A key of `detector.messages.PROBLEMS`.
    **params : object
        Values for the placeholders of its text.
    """

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


def problem_body(code: str, params: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the members that say what a problem is, without where it happened."""
    problem = PROBLEMS[code]
    return {
        "type": f"{TYPES}{code}/",
        "title": problem.title,
        "status": problem.status,
        "detail": problem_text(code, dict(params or {})),
        "code": code,
    }


class ProblemResponse(JsonResponse):
    """A problem as an answer; `members` are added to its body or replace what is there."""

    def __init__(
        self,
        request: HttpRequest | Request,
        code: str,
        params: Mapping[str, Any] | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        **members: Any,
    ) -> None:
        body = problem_body(code, params) | {"instance": request.path} | members
        super().__init__(body, status=body["status"], content_type=MEDIA_TYPE, headers=headers)
        if self.status_code in (429, 503):
            self.headers.setdefault("Retry-After", str(RETRY_AFTER_SECONDS))


def exception_handler(error: Exception, context: dict[str, Any]) -> ProblemResponse:
    """Turn whatever a view raised into a problem (Django REST framework's hook)."""
    request: HttpRequest | Request = context["request"]
    if isinstance(error, ClipError | ProblemError):
        return ProblemResponse(request, error.code, error.params)
    if isinstance(error, TooManyFilesSent):
        limit = settings.DATA_UPLOAD_MAX_NUMBER_FILES
        return ProblemResponse(request, "too_many_files", {"limit": limit, "found": "more"})
    code = next((CODES[kind] for kind in type(error).__mro__ if kind in CODES), "internal_error")
    if code in ("internal_error", "unavailable"):
        log.error("%s %s failed", request.method, request.path, exc_info=error)
    return ProblemResponse(request, code, headers=_headers(error), **_members(error))


def _headers(error: Exception) -> dict[str, str]:
    if challenge := getattr(error, "auth_header", None):
        if isinstance(error, exceptions.AuthenticationFailed):
            challenge += ', error="invalid_token"'
        return {"WWW-Authenticate": challenge}
    if wait := getattr(error, "wait", None):
        return {"Retry-After": str(wait)}
    return {}


def _members(error: Exception) -> dict[str, Any]:
    """Return what the exception knows beyond its kind."""
    if isinstance(error, exceptions.ValidationError):
        return {"errors": _field_errors(error.get_full_details())}
    if isinstance(error, exceptions.ParseError | exceptions.PermissionDenied) and (
        str(error.detail) != str(error.default_detail)
    ):
        return {"detail": str(error.detail)}
    return {}


def _field_errors(details: Any, field: str = "") -> list[dict[str, str]]:
    """Flatten the framework's tree of errors: one entry an error, fields joined by dots."""
    if isinstance(details, list):
        return [entry for item in details for entry in _field_errors(item, field)]
    if isinstance(details.get("message"), str) and "code" in details:
        return [{"field": field, "detail": details["message"], "code": details["code"]}]
    return [
        entry
        for name, below in details.items()
        for entry in _field_errors(below, f"{field}.{name}".strip("."))
    ]


@csrf_exempt
def unknown_route(request: HttpRequest) -> ProblemResponse:
    """Answer whatever is asked of an address under /api/ that does not exist."""
    return ProblemResponse(request, "not_found")
