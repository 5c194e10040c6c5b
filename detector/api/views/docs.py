"""What describes the API, served from here: schema, Swagger UI, Redoc, a page a problem."""

import functools
from importlib import resources
from typing import Any

from csp.constants import SELF, UNSAFE_INLINE
from csp.decorators import csp_update
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import cache_control
from django.views.decorators.http import conditional_page
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import (
    SpectacularAPIView,
    SpectacularRedocView,
    SpectacularSwaggerSplitView,
)
from rest_framework.permissions import AllowAny
from rest_framework.renderers import JSONRenderer, TemplateHTMLRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from detector.api.problems import TYPES
from detector.messages import PROBLEMS

REDOC_FILE = "drf_spectacular_sidecar/redoc/bundles/redoc.standalone.js"
REDOC_LOGO = b"https://cdn.redoc.ly/redoc/logo-mini.svg"


class RootView(APIView):
    """Leads whoever opens /api/ in a browser to the docs."""

    authentication_classes = []
    permission_classes = [AllowAny]

    @extend_schema(exclude=True)
    def get(self, request: Request) -> HttpResponseRedirect:
        """Redirect."""
        return HttpResponseRedirect(reverse("api:docs"))


class SchemaView(SpectacularAPIView):
    """OpenAPI 3.1. Written once in a process: that takes seconds, and anybody may ask for it."""

    authentication_classes = []

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Return it as YAML or JSON."""
        renderer: Any = type(request.accepted_renderer)
        return HttpResponse(
            _written(renderer),
            content_type=renderer.media_type,
            headers={"Content-Disposition": f'inline; filename="voicetell.{renderer.format}"'},
        )


@functools.cache
def _written(renderer: Any) -> bytes:
    generator: Any = SchemaView.generator_class()
    schema = generator.get_schema(request=None, public=True)
    written: bytes = renderer().render(schema, renderer_context={})
    return written


class SwaggerView(SpectacularSwaggerSplitView):
    """Swagger UI; its script is a request of its own, so that none is inline."""

    authentication_classes = []
    url_name = "api:schema"
    template_name = "api/swagger.html"


# Redoc writes its styles into the page and searches in a worker made from a blob.
@method_decorator(
    csp_update({"style-src": [SELF, UNSAFE_INLINE], "worker-src": ["blob:"]}), name="dispatch"
)
class RedocView(SpectacularRedocView):
    """Redoc."""

    authentication_classes = []
    url_name = "api:schema"
    template_name = "api/redoc.html"


@functools.cache
def _redoc_script() -> bytes:
    """Return Redoc's program without the one picture that it loads from another host."""
    file = resources.files("drf_spectacular_sidecar") / "static" / REDOC_FILE
    text = file.read_bytes()
    if REDOC_LOGO not in text:
        raise LookupError("Redoc's program has changed: see what it loads, then change this.")
    return text.replace(
        REDOC_LOGO, b"data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg'/%3E"
    )


@cache_control(public=True, max_age=24 * 60 * 60)
@conditional_page
def redoc_script(request: HttpRequest) -> HttpResponse:
    """Serve it."""
    return HttpResponse(_redoc_script(), content_type="text/javascript; charset=utf-8")


class ProblemsView(APIView):
    """All problems, or one: what `type` points at."""

    authentication_classes = []
    permission_classes = [AllowAny]
    renderer_classes = [JSONRenderer, TemplateHTMLRenderer]

    @extend_schema(exclude=True)
    def get(self, request: Request, code: str = "") -> Response:
        """Return title, status and text, as JSON or as a page for people."""
        if code and code not in PROBLEMS:
            raise Http404
        entries = [
            {
                "type": f"{TYPES}{key}/",
                "code": key,
                "status": problem.status,
                "title": problem.title,
                "text": problem.text,
            }
            for key, problem in PROBLEMS.items()
            if code in ("", key)
        ]
        body = entries[0] if code else {"problems": entries}
        if request.accepted_renderer.format == "html":
            body = {"problems": entries, "one": bool(code)}
        return Response(body, template_name="api/problems.html")
