"""The shape of archives of samples. Field names are a promise: they are only ever added."""

from typing import Any

from drf_spectacular.utils import extend_schema_field, inline_serializer
from rest_framework import serializers
from rest_framework.reverse import reverse

from detector.api.problems import problem_body
from detector.api.serializers.problems import Fault
from training.models import Answer, Archive, ArchivedFile, ArchiveState, Label


class ArchiveUpload(serializers.Serializer[Any]):
    """What `/samples/archive` reads."""

    file = serializers.FileField(
        allow_empty_file=True, help_text="ZIP with a `manifest.csv`: `file`, `label`, ..."
    )
    confirm = serializers.BooleanField(
        required=False, allow_null=True, default=None, help_text="As of `/retrain/add-files`."
    )


class ArchiveBody(serializers.ModelSerializer[Archive]):
    """An archive."""

    filename = serializers.CharField(source="name")
    state = serializers.ChoiceField(ArchiveState.choices)
    total = serializers.IntegerField(help_text="Files in it or in its manifest.")
    done = serializers.IntegerField(help_text="How many of them have been answered.")
    added = serializers.IntegerField()
    duplicates = serializers.IntegerField(help_text="Bytes that were there already.")
    refused = serializers.IntegerField()
    waiting = serializers.IntegerField(help_text="Of those added, how many wait for review.")
    error = serializers.SerializerMethodField(help_text="Why the rest was given up, or null.")
    links = serializers.SerializerMethodField()

    class Meta:
        model = Archive
        fields = [
            "id",
            "filename",
            "state",
            "total",
            "done",
            "added",
            "duplicates",
            "refused",
            "waiting",
            "error",
            "created_at",
            "links",
        ]

    @extend_schema_field(Fault(allow_null=True))
    def get_error(self, row: Archive) -> dict[str, Any] | None:
        """Return what went wrong, or None."""
        return problem_body(row.error_code, row.error_params) if row.error_code else None

    @extend_schema_field(
        inline_serializer(
            "ArchiveLinks", {"self": serializers.URLField(), "files": serializers.URLField()}
        )
    )
    def get_links(self, row: Archive) -> dict[str, str]:
        """Return the addresses of the archive and of what became of its files."""
        routes = {"self": "archive-state", "files": "archive-files"}
        request = self.context.get("request")
        return {
            name: reverse(f"training-api:{route}", [row.pk], request=request)
            for name, route in routes.items()
        }


class ArchivedFileBody(serializers.ModelSerializer[ArchivedFile]):
    """What became of one file of an archive."""

    filename = serializers.CharField(source="name")
    status = serializers.ChoiceField(Answer.choices)
    sample = serializers.UUIDField(source="sample_id", allow_null=True)
    label = serializers.ChoiceField(  # type: ignore[assignment]  # a field here
        Label.choices, source="sample.label", default=None, allow_null=True
    )
    state = serializers.CharField(
        source="sample.state", default=None, allow_null=True, help_text="Of the sample."
    )
    error = serializers.SerializerMethodField(help_text="Why it was refused, or null.")

    class Meta:
        model = ArchivedFile
        fields = ["filename", "status", "sample", "label", "state", "error"]

    @extend_schema_field(Fault(allow_null=True))
    def get_error(self, row: ArchivedFile) -> dict[str, Any] | None:
        """Return what is wrong with it, or None."""
        return problem_body(row.error_code, row.error_params) if row.error_code else None
