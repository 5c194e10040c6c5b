"""What every answer of the API carries, whichever view it comes from."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import (
    get_conditional_response,
    patch_cache_control,
    patch_vary_headers,
    set_response_etag,
)

API = "/api/v1/"


class AnswersMiddleware:
    """Adds the state of the rate limit, and lets a client ask only for what has changed."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, with 304 where the client has the answer already."""
        response = self.get_response(request)
        if not request.path.startswith(API):
            return response
        if "Allow" in response.headers:
            # The framework names it everywhere; only CORS's own answers know it.
            response.headers["Allow"] = response.headers["Allow"].removesuffix(", OPTIONS")
        if rate := getattr(request, "rate", None):
            for name, value in rate.headers.items():
                response.headers[name] = value
        if not isinstance(response, HttpResponse) or response.status_code != 200:
            return response
        if request.method not in ("GET", "HEAD"):
            return response
        if "no-store" in response.headers.get("Cache-Control", ""):
            return response
        patch_cache_control(response, private=True, no_cache=True)
        patch_vary_headers(response, ["Authorization", "Cookie"])
        set_response_etag(response)
        kept = get_conditional_response(request, etag=response.headers["ETag"], response=response)
        assert kept is not None
        return kept
