"""What describes the API, served from here: schema, Swagger UI, Redoc, a page a problem."""

from csp.constants import SELF, UNSAFE_INLINE
from csp.decorators import csp_update
from django.http import Http404, HttpResponseRedirect
from django.urls import reverse
from django.utils.decorators import method_decorator
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


class RootView(APIView):
    """Leads whoever opens /api/ in a browser to the docs."""

    authentication_classes = []
    permission_classes = [AllowAny]

    @extend_schema(exclude=True)
    def get(self, request: Request) -> HttpResponseRedirect:
        """Redirect."""
        return HttpResponseRedirect(reverse("api:docs"))


class SchemaView(SpectacularAPIView):
    """OpenAPI 3.1."""

    authentication_classes = []


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
