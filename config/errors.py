"""What answers where no view did: the API with a problem, the site with a page."""

from django.http import HttpRequest, HttpResponse
from django.views import defaults

from detector.api import problems
from detector.web import errors as pages

API = "/api/"


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a request that was refused before any view saw it (a wrong host name, say)."""
    if request.path.startswith(API):
        return problems.exception_handler(exception, {"request": request})
    return pages.bad_request(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer for a fault that no view caught; Django has logged it."""
    if request.path.startswith(API):
        return problems.ProblemResponse(request, "internal_error")
    return defaults.server_error(request)
