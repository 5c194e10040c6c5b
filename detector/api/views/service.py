"""The service itself: its health, its model, its figures."""

from datetime import timedelta

from django.conf import settings
from django.db import Error as DatabaseError
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from redis.exceptions import RedisError
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import Scope
from detector import workers
from detector.activity import latency, prediction_counts
from detector.api import examples
from detector.api.problems import ProblemError
from detector.api.schema import answer, problems
from detector.api.serializers.service import Health, Metrics, ModelInfo
from detector.upkeep import queue_length
from training.models import AliasName, ModelAlias
from training.selectors import version_for

DAY = timedelta(hours=24)
READERS = {"GET": (Scope.PREDICT, Scope.READ)}


class HealthView(APIView):
    """Open to all."""

    authentication_classes = []
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="health",
        summary="Whether the service can do its work",
        auth=[],
        responses={
            200: answer(Health, "It can; with `workers` at 0 clips wait.", examples.HEALTHY),
            503: answer(Health, "The database or Redis is out of reach.", examples.DEGRADED),
        },
    )
    def get(self, request: Request) -> Response:
        """Look at the database, Redis, the workers and the model."""
        database, champion = _champion_name()
        alive = _workers()
        healthy = database and alive is not None
        body = {
            "status": "ok" if healthy else "degraded",
            "version": settings.VERSION,
            "database": database,
            "redis": alive is not None,
            "workers": alive or 0,
            "model_version": champion,
        }
        return Response(body, status=200 if healthy else 503, headers={"Cache-Control": "no-store"})


class ModelInfoView(APIView):
    """The champion."""

    scopes = READERS

    @extend_schema(
        operation_id="model_info",
        summary="The model version that judges now",
        responses={
            200: answer(ModelInfo, "The champion.", examples.MODEL),
            **problems("not_authenticated", "invalid_token", "scope_missing", "no_model"),
        },
    )
    def get(self, request: Request) -> Response:
        """Say which version judges, since when, and what is known of it."""
        alias = ModelAlias.objects.select_related("version").filter(name=AliasName.CHAMPION).first()
        if alias is None:
            raise ProblemError("no_model")
        version = alias.version
        manifest = version.manifest
        return Response(
            {
                "model_version": version.name,
                "model_type": manifest.get("model_type"),
                "schema": version.schema,
                "features": len(manifest["reference"]["mean"]),
                "threshold": version.threshold,
                "real_threshold": manifest["real_threshold"],
                "artifact_sha256": version.artifact_sha256,
                "trained_at": manifest.get("created"),
                "registered_at": version.created_at,
                "champion_since": alias.moved_at,
                "metrics": manifest["metrics"].get("overall", {}),
                "card": manifest["card"],
            }
        )


class MetricsView(APIView):
    """Figures of the champion and of the service."""

    scopes = READERS

    @extend_schema(
        operation_id="metrics",
        summary="The model's figures and the service's counters",
        responses={
            200: answer(Metrics, "Figures and counters.", examples.METRICS),
            **problems("not_authenticated", "invalid_token", "scope_missing"),
        },
    )
    def get(self, request: Request) -> Response:
        """Return the champion's figures on held-out data, and counters over everybody's clips."""
        champion = version_for(AliasName.CHAMPION)
        since = timezone.now() - DAY
        return Response(
            {
                "model_version": champion.name if champion else None,
                "model": champion.manifest["metrics"] if champion else {},
                "predictions": {
                    "last_24h": prediction_counts(since),
                    "total": prediction_counts(),
                },
                "median_latency_seconds": latency(since, 0.5)[0],
                "queue_depth": _queue_depth(),
                "workers": _workers(),
            }
        )


def _champion_name() -> tuple[bool, str | None]:
    """Return whether the database answers, and the champion's name if there is one."""
    try:
        version = version_for(AliasName.CHAMPION)
    except DatabaseError:
        return False, None
    return True, version.name if version else None


def _workers() -> int | None:
    try:
        return workers.count()
    except RedisError:
        return None


def _queue_depth() -> int | None:
    try:
        return queue_length("predict")
    except (RedisError, OSError):
        return None
