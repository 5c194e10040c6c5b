"""A batch and what became of each of its files."""

from typing import Any

from django.db.models import TextChoices
from drf_spectacular.utils import inline_serializer
from rest_framework import serializers
from rest_framework.reverse import reverse

from detector.api.problems import problem_body
from detector.api.serializers.predictions import PredictionSummary
from detector.models import FINISHED, Batch, PredictionOrigin, Status
from detector.selectors import batch_predictions


class BatchStatus(TextChoices):
    """How far a batch is."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"


class BatchItem(PredictionSummary):
    """One file of a batch: its prediction, or why it was refused.

    Of a refused file there is its name, why it was refused, and when; all else is null.
    """

    id = serializers.UUIDField(allow_null=True)
    sha256 = serializers.CharField(source="clip.sha256", allow_null=True)
    size = serializers.IntegerField(source="clip.size", allow_null=True, help_text="Bytes.")
    origin = serializers.ChoiceField(PredictionOrigin.choices, allow_null=True)
    external_id = serializers.CharField(source="clip.external_id", allow_null=True)
    metadata = serializers.DictField(
        source="clip.metadata", child=serializers.CharField(), allow_null=True
    )
    keep_audio = serializers.BooleanField(
        source="clip.keep_audio",
        allow_null=True,
        help_text="False: zero retention was asked for.",
    )
    links = inline_serializer(  # type: ignore[assignment]
        "BatchItemLinks",
        {"self": serializers.URLField(required=False), "batch": serializers.URLField()},
    )


class BatchBody(serializers.Serializer[Batch]):
    """A batch: one result a file, in the order of the upload, less clips deleted since."""

    id = serializers.UUIDField()
    status = serializers.ChoiceField(BatchStatus.choices)
    total = serializers.IntegerField(help_text="Files in `results`.")
    finished = serializers.IntegerField(help_text="How many of them are done or failed.")
    created_at = serializers.DateTimeField()
    results = BatchItem(many=True)
    links = inline_serializer("BatchLinks", {"self": serializers.URLField()})

    def to_representation(self, batch: Batch) -> dict[str, Any]:
        """Put the batch together from its own list and its predictions."""
        rows = {str(row.pk): row for row in batch_predictions(batch)}
        results = [
            self._refused(batch, entry)
            if "error" in entry
            else PredictionSummary(rows[entry["prediction"]], context=self.context).data
            for entry in batch.files
            if "error" in entry or entry["prediction"] in rows
        ]
        finished = sum(result["status"] in FINISHED for result in results)
        if finished == len(results):
            status = BatchStatus.DONE
        elif all(row.status == Status.QUEUED for row in rows.values()):
            status = BatchStatus.QUEUED
        else:
            status = BatchStatus.RUNNING
        return {
            "id": str(batch.pk),
            "status": status.value,
            "total": len(results),
            "finished": finished,
            "created_at": batch.created_at,
            "results": results,
            "links": {"self": self._address(batch)},
        }

    def _refused(self, batch: Batch, entry: dict[str, Any]) -> dict[str, Any]:
        """Return a result with every field of a prediction for a file that never became one."""
        error = entry["error"]
        return dict.fromkeys(PredictionSummary.Meta.fields) | {
            "filename": entry["filename"],
            "status": Status.FAILED.value,
            "error": problem_body(error["code"], error["params"]),
            "created_at": batch.created_at,
            "finished_at": batch.created_at,
            "links": {"batch": self._address(batch)},
        }

    def _address(self, batch: Batch) -> str:
        return reverse("api:batch", args=[batch.pk], request=self.context["request"])
