"""The choice between light and dark, kept in a cookie so that no page flashes."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

COOKIE = "theme"
YEAR = 365 * 24 * 60 * 60


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Remember the choice and go back to the page (without JavaScript; with it, no reload)."""
    back = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, request.is_secure()):
        back = "/"
    response = redirect(back)
    choice = request.POST.get("theme")
    if choice in ("light", "dark"):
        response.set_cookie(
            COOKIE, choice, max_age=YEAR, samesite="Lax", secure=request.is_secure()
        )
    return response
