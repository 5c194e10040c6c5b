"""Sends a person with a one-time password to the page that replaces it."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

Handler = Callable[[HttpRequest], HttpResponseBase]


class OneTimePasswordMiddleware:
    """Keeps everything but changing the password and logging out closed until it is changed.

    The API sees to it by itself: a program is not sent to a page.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Let the request through, or answer with the way to the page."""
        if request.path.startswith("/api/"):
            return self.get_response(request)
        if not (request.user.is_authenticated and request.user.must_change_password):
            return self.get_response(request)
        page = reverse("account_change_password")
        if request.path in (page, reverse("account_logout")):
            return self.get_response(request)
        if request.htmx:  # type: ignore[attr-defined]
            return HttpResponse(headers={"HX-Redirect": page})
        return redirect(page)
