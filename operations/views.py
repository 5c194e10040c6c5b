"""The exposition for Prometheus."""

from collections.abc import Iterator
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector
from redis.exceptions import RedisError
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import Scope
from detector.api.schema import problems
from operations import tally
from operations.counts import COUNTS
from operations.gauges import gauges


class _Exposition(BaseRenderer):
    """The text is ready; what a client accepts decides nothing."""

    media_type = "text/plain"
    format = "txt"

    def render(self, data: Any, media_type: Any = None, context: Any = None) -> bytes:
        """Return the text as it is."""
        return bytes(data)


class _All(Collector):
    def collect(self) -> Iterator[Metric]:
        """Return what was counted, then what is looked up."""
        try:
            found = tally.read()
        except RedisError:
            found = {}
        for count in COUNTS:
            yield count.family(found)
        yield from gauges()


class PrometheusView(APIView):
    """Figures of the whole installation, whichever process answers."""

    scopes = {"GET": (Scope.READ,)}
    renderer_classes = [_Exposition]

    @extend_schema(
        operation_id="metrics_prometheus",
        summary="Everything that Prometheus collects",
        responses={
            (200, "text/plain"): OpenApiResponse(
                OpenApiTypes.STR,
                "Metrics in Prometheus's text format.",
                [OpenApiExample("Metrics", value='voicetell_up{service="postgres"} 1.0\n')],
            ),
            **problems("not_authenticated", "invalid_token", "scope_missing"),
        },
    )
    def get(self, request: Request) -> Response:
        """Look everything up."""
        registry = CollectorRegistry()
        registry.register(_All())
        return Response(
            generate_latest(registry),
            content_type=CONTENT_TYPE_PLAIN_0_0_4,
            headers={"Cache-Control": "no-store"},
        )
