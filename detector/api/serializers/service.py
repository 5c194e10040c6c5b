"""The service itself: its health, its model, its figures."""

from typing import Any

from drf_spectacular.utils import inline_serializer
from rest_framework import serializers


class Health(serializers.Serializer[Any]):
    """Whether the service can do its work."""

    status = serializers.ChoiceField(["ok", "degraded"])
    version = serializers.CharField(help_text="Of the program.")
    database = serializers.BooleanField(help_text="PostgreSQL answers.")
    redis = serializers.BooleanField(help_text="Redis answers.")
    workers = serializers.IntegerField(help_text="Worker processes that are warm and alive.")
    model_version = serializers.CharField(allow_null=True, help_text="The champion.")


class ModelInfo(serializers.Serializer[Any]):
    """The model version that judges now."""

    model_version = serializers.CharField()
    model_type = serializers.CharField(allow_null=True, help_text="Kind of classifier.")
    schema = serializers.CharField(help_text="Feature schema.")
    features = serializers.IntegerField(help_text="Columns of the schema.")
    threshold = serializers.FloatField(help_text="FAKE from this probability on.")
    real_threshold = serializers.FloatField(help_text="REAL up to this probability.")
    artifact_sha256 = serializers.CharField()
    trained_at = serializers.CharField(allow_null=True)
    registered_at = serializers.DateTimeField()
    champion_since = serializers.DateTimeField()
    metrics = serializers.DictField(help_text="Figures on held-out data; slices are in `/metrics`.")
    card = serializers.JSONField(help_text="What it is for, how it was made, what it cannot do.")


class Counts(serializers.Serializer[Any]):
    """Predictions of everybody."""

    by_status = serializers.DictField(child=serializers.IntegerField())
    by_verdict = serializers.DictField(child=serializers.IntegerField())


class Metrics(serializers.Serializer[Any]):
    """The champion's figures and the service's counters."""

    model_version = serializers.CharField(allow_null=True)
    model = serializers.DictField(help_text="The champion's figures on held-out data.")
    predictions = inline_serializer("PredictionCounts", {"last_24h": Counts(), "total": Counts()})
    median_latency_seconds = serializers.FloatField(
        allow_null=True, help_text="From upload to verdict, last 24 h."
    )
    queue_depth = serializers.IntegerField(
        allow_null=True, help_text="Messages that wait; null where Redis is out of reach."
    )
    workers = serializers.IntegerField(allow_null=True)
