"""Headers that every answer carries and that Django has no setting for."""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

# https://www.w3.org/TR/permissions-policy/: the pages may record, and nothing embedded in them.
PERMISSIONS = "microphone=(self), camera=(), geolocation=(), display-capture=(), usb=()"


def defaults(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Say which of a browser's powers the pages use, and that answers are for one person only.

    A view whose answer may be kept for a while says so itself.
    """

    def answer(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        response.headers["Permissions-Policy"] = PERMISSIONS
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    return answer
