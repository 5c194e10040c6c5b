"""Who may open a page."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast
from urllib.parse import urlencode

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, resolve_url
from django_htmx.middleware import HtmxDetails

from accounts.models import User

View = Callable[..., HttpResponseBase]


class PersonRequest(HttpRequest):
    """A request of somebody who is logged in."""

    user: User
    htmx: HtmxDetails


def person_required(view: View) -> View:
    """Send everybody else to the log-in page.

    A part of a page that loads itself after the session has ended takes the whole page there.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated:
            return view(cast(PersonRequest, request), *args, **kwargs)
        htmx: HtmxDetails = cast(Any, request).htmx
        here = htmx.current_url_abs_path if htmx else request.get_full_path()
        login = f"{resolve_url(settings.LOGIN_URL)}?{urlencode({'next': here or '/'})}"
        return HttpResponse(headers={"HX-Redirect": login}) if htmx else redirect(login)

    return guarded


def scope_required(scope: str) -> Callable[[View], View]:
    """Let in people whose role allows `scope`; others are asked to log in, or get 403."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: PersonRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.may(scope):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return person_required(guarded)

    return decorate
