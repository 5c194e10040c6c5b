"""Bodies about model versions."""

from typing import Any

from rest_framework import serializers

from detector.api.fields import TextField
from training.models import ModelVersion


class VersionSummary(serializers.ModelSerializer[ModelVersion]):
    """A version in a list."""

    model_type = serializers.CharField(allow_null=True)
    aliases = serializers.SerializerMethodField()
    figures = serializers.DictField(
        source="overall",
        child=serializers.FloatField(allow_null=True),
        allow_null=True,
        help_text="On held-out clips, by name.",
    )

    class Meta:
        model = ModelVersion
        fields = (
            "name",
            "model_type",
            "schema",
            "artifact_sha256",
            "created_at",
            "aliases",
            "figures",
        )

    def get_aliases(self, version: ModelVersion) -> list[str]:
        """Return the names under which it is known."""
        return sorted(alias.name for alias in version.aliases.all())


class VersionGate(serializers.Serializer[Any]):
    """What the gate found of a version against the present champion."""

    champion = serializers.CharField(source="champion.name")
    passed = serializers.BooleanField()
    clips = serializers.IntegerField()
    checks = serializers.JSONField()
    created_at = serializers.DateTimeField()


class Reason(serializers.Serializer[Any]):
    """Why."""

    reason = TextField(required=False, allow_blank=True, max_length=2000, default="")


class VersionUpload(serializers.Serializer[Any]):
    """An exported version."""

    file = serializers.FileField(allow_empty_file=True)


class VersionDetail(VersionSummary):
    """A version with everything that its manifest says, and the gate's report."""

    gate = VersionGate(allow_null=True)
    manifest = serializers.JSONField()

    class Meta(VersionSummary.Meta):
        fields = (*VersionSummary.Meta.fields, "gate", "manifest")  # type: ignore[assignment]
