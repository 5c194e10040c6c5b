"""The shape of samples. Field names are a promise: they are only ever added."""

from typing import Any

from drf_spectacular.utils import extend_schema_field, inline_serializer
from rest_framework import serializers
from rest_framework.reverse import reverse

from detector.api.fields import IdField, TextField
from detector.api.problems import problem_body
from detector.api.serializers.problems import Fault
from detector.engine.types import Verdict
from training.manifest import LONGEST
from training.models import Answer, Extraction, Label, Sample, SampleOpinion
from training.services.review import MOST_AT_ONCE, Decision
from training.services.samples import Outcome

OF_EACH = "One for each file, or one for all."


class SampleUpload(serializers.Serializer[Any]):
    """What `/retrain/add-files` reads."""

    files = serializers.ListField(
        child=serializers.FileField(allow_empty_file=True),
        min_length=1,
        help_text="Recordings; the field is repeated for each.",
    )
    labels = serializers.ListField(
        child=serializers.CharField(allow_blank=True),
        required=False,
        help_text=f"`real` or `fake`, in any case. {OF_EACH} Needed where there is no manifest.",
    )
    manifest = serializers.FileField(
        required=False,
        help_text="CSV that describes the files by name, in place of the labels and the rest: "
        "`file`, `label`, and any of `source`, `speaker`, `generator`, `language`.",
    )
    sources = serializers.ListField(
        child=serializers.CharField(allow_blank=True),
        required=False,
        help_text=f"Recording or session that a clip was taken from. {OF_EACH}",
    )
    speakers = serializers.ListField(
        child=serializers.CharField(allow_blank=True), required=False, help_text=OF_EACH
    )
    generators = serializers.ListField(
        child=serializers.CharField(allow_blank=True),
        required=False,
        help_text=f"What synthesised a clip. {OF_EACH}",
    )
    languages = serializers.ListField(
        child=serializers.CharField(allow_blank=True), required=False, help_text=OF_EACH
    )
    confirm = serializers.BooleanField(
        required=False,
        allow_null=True,
        default=None,
        help_text="Vouch for the labels, so that the samples train without review. Without it, "
        "they are confirmed where the caller may start training.",
    )


class SampleSummary(serializers.ModelSerializer[Sample]):
    """A sample."""

    filename = serializers.CharField(source="name")
    added_by = serializers.EmailField(source="added_by.email")
    extraction = serializers.ChoiceField(
        Extraction.choices, help_text="How far the work on its audio is."
    )
    error = serializers.SerializerMethodField(help_text="Why that work failed, or null.")
    duration = serializers.FloatField(allow_null=True, help_text="Seconds.")
    verdict = serializers.SerializerMethodField(
        help_text="What the champion said when the sample came in, or null."
    )
    probability = serializers.FloatField(allow_null=True, help_text="Calibrated, of FAKE.")
    model_version = serializers.CharField(
        source="scored_by.name", default=None, allow_null=True, help_text="That champion."
    )
    disagreement = serializers.ChoiceField(
        [(0, "none"), (1, "label and champion"), (2, "people")], source="urgency"
    )
    recording = serializers.UUIDField(
        help_text="Shared by samples that hold the same recording; a split keeps them together."
    )
    links = serializers.SerializerMethodField()

    class Meta:
        model = Sample
        fields = [
            "id",
            "filename",
            "label",
            "state",
            "source",
            "speaker",
            "generator",
            "language",
            "origin",
            "added_by",
            "created_at",
            "decided_at",
            "sha256",
            "size",
            "duration",
            "extraction",
            "error",
            "verdict",
            "probability",
            "model_version",
            "disagreement",
            "recording",
            "links",
        ]

    @extend_schema_field(serializers.ChoiceField([v.value for v in Verdict], allow_null=True))
    def get_verdict(self, row: Sample) -> str | None:
        """Return the champion's verdict."""
        return row.verdict or None

    @extend_schema_field(Fault(allow_null=True))
    def get_error(self, row: Sample) -> dict[str, Any] | None:
        """Return what went wrong, or None."""
        return problem_body(row.error_code, row.error_params) if row.error_code else None

    @extend_schema_field(inline_serializer("SampleLinks", {"self": serializers.URLField()}))
    def get_links(self, row: Sample) -> dict[str, str]:
        """Return the sample's address."""
        return {
            "self": reverse(
                "training-api:sample", args=[row.pk], request=self.context.get("request")
            )
        }


class OpinionBody(serializers.ModelSerializer[SampleOpinion]):
    """What one person says of a sample."""

    person = serializers.EmailField(source="person.email")

    class Meta:
        model = SampleOpinion
        fields = ["person", "label", "note", "at"]


class SampleBody(SampleSummary):
    """A sample with what people say of it."""

    opinions = OpinionBody(many=True)
    facts = serializers.DictField(help_text="What decoding found.")

    class Meta(SampleSummary.Meta):
        fields = [*SampleSummary.Meta.fields, "opinions", "facts"]


class SampleFacts(serializers.Serializer[Any]):
    """What is known of a sample; a field that is not sent stays as it is."""

    source = TextField(  # type: ignore[assignment]  # a field here
        required=False, allow_blank=True, max_length=LONGEST["source"], help_text="Recording."
    )
    speaker = TextField(required=False, allow_blank=True, max_length=LONGEST["speaker"])
    generator = TextField(required=False, allow_blank=True, max_length=LONGEST["generator"])
    language = TextField(required=False, allow_blank=True, max_length=LONGEST["language"])


class Review(serializers.Serializer[Any]):
    """A decision about samples."""

    samples = serializers.ListField(
        child=IdField(), min_length=1, help_text=f"Up to {MOST_AT_ONCE} ids."
    )
    decision = serializers.ChoiceField(Decision.choices)
    label = serializers.ChoiceField(  # type: ignore[assignment]  # a field here
        Label.choices, required=False, default="", help_text="For `confirm` and `relabel`."
    )
    note = TextField(required=False, default="", allow_blank=True, max_length=1000)


class Reviewed(serializers.Serializer[Any]):
    """How many samples a decision was about."""

    changed = serializers.IntegerField()


class Opinion(serializers.Serializer[Any]):
    """What the caller hears in a sample; it decides nothing."""

    label = serializers.ChoiceField(  # type: ignore[assignment]  # a field here
        Label.choices
    )
    note = TextField(required=False, default="", allow_blank=True, max_length=1000)


class Feedback(serializers.Serializer[Any]):
    """'This verdict was wrong'."""

    label = serializers.ChoiceField(  # type: ignore[assignment]  # a field here
        Label.choices, help_text="What the clip really is."
    )
    generator = TextField(
        required=False, default="", allow_blank=True, max_length=LONGEST["generator"]
    )
    note = TextField(required=False, default="", allow_blank=True, max_length=1000)


class FeedbackTaken(serializers.Serializer[Any]):
    """The sample that a correction became; it waits for review."""

    sample = serializers.UUIDField()
    status = serializers.ChoiceField(["added", "duplicate"])


class AddedFile(serializers.Serializer[Outcome]):
    """What became of one file."""

    filename = serializers.CharField()
    status = serializers.ChoiceField(Answer.choices)
    sample = serializers.UUIDField(allow_null=True)
    label = serializers.ChoiceField(  # type: ignore[assignment]  # a field here
        Label.choices, allow_null=True
    )
    state = serializers.CharField(allow_null=True, help_text="Of the sample; null where refused.")
    error = Fault(allow_null=True)

    def to_representation(self, outcome: Outcome) -> dict[str, Any]:
        """Say whether it was kept, was there already, or why it was refused."""
        sample, error = outcome.sample, outcome.error
        kept = "added" if outcome.is_new else "duplicate"
        return {
            "filename": outcome.name,
            "status": kept if sample else "refused",
            "sample": str(sample.pk) if sample else None,
            "label": sample.label if sample else None,
            "state": sample.state if sample else None,
            "error": problem_body(error.code, error.params) if error else None,
        }


class AddedFiles(serializers.Serializer[Any]):
    """What became of the files, in the order in which they were sent."""

    total = serializers.IntegerField()
    added = serializers.IntegerField()
    duplicates = serializers.IntegerField(help_text="Bytes that were there already.")
    refused = serializers.IntegerField()
    waiting = serializers.IntegerField(help_text="Of those added, how many wait for review.")
    results = AddedFile(many=True)

    def to_representation(self, outcomes: list[Outcome]) -> dict[str, Any]:
        """Count and list."""
        results = [AddedFile(outcome).data for outcome in outcomes]
        added = [result for result in results if result["status"] == "added"]
        return {
            "total": len(results),
            "added": len(added),
            "duplicates": sum(result["status"] == "duplicate" for result in results),
            "refused": sum(result["status"] == "refused" for result in results),
            "waiting": sum(result["state"] == "waiting" for result in added),
            "results": results,
        }
