"""A prediction: as lists show it, and with its evidence."""

from dataclasses import asdict
from typing import Any

from drf_spectacular.utils import extend_schema_field, inline_serializer
from rest_framework import serializers
from rest_framework.reverse import reverse

from detector.api.problems import problem_body
from detector.api.serializers.problems import Fault
from detector.confidence import CAUTIONS, confidence_of
from detector.engine.types import SegmentKind, Verdict
from detector.messages import reason_text
from detector.models import Prediction, PredictionOrigin, Status
from detector.selectors import waiting_before

VERDICTS = [verdict.value for verdict in Verdict]


class Probabilities(serializers.Serializer[Any]):
    """Calibrated probabilities; they add up to 1."""

    REAL = serializers.FloatField()
    FAKE = serializers.FloatField()


class SegmentBody(serializers.Serializer[Any]):
    """A window of the clip."""

    start = serializers.FloatField(help_text="Seconds from the start.")
    end = serializers.FloatField(help_text="Seconds from the start.")
    kind = serializers.ChoiceField([kind.value for kind in SegmentKind])
    score = serializers.FloatField(allow_null=True)
    probability = serializers.FloatField(allow_null=True, help_text="Of FAKE, this window alone.")


class ReasonBody(serializers.Serializer[Any]):
    """One reason for the verdict."""

    code = serializers.CharField(help_text="Stable.")
    text = serializers.CharField()
    weight = serializers.FloatField(
        allow_null=True, help_text="Its share of the score; positive speaks for FAKE."
    )


class ConfidenceBody(serializers.Serializer[Any]):
    """What the verdict is worth, in words, and what that rests on."""

    level = serializers.ChoiceField(["none", "weak", "moderate", "fairly_strong", "strong"])
    text = serializers.CharField()
    likelihood_ratio = serializers.FloatField(
        help_text="How many times likelier the evidence is under what it speaks for."
    )
    towards = serializers.ChoiceField(["REAL", "FAKE"], help_text="What the evidence speaks for.")
    speech_seconds = serializers.FloatField()
    windows = serializers.IntegerField(help_text="Windows that were scored.")
    agreeing = serializers.IntegerField(help_text="Of these, how many point the same way.")
    cautions = serializers.ListField(
        child=serializers.ChoiceField(sorted(CAUTIONS)),
        help_text="Codes of reasons that limit what the verdict is worth.",
    )


class PredictionSummary(serializers.ModelSerializer[Prediction]):
    """A prediction as lists show it."""

    filename = serializers.CharField(source="clip.name")
    prediction = serializers.SerializerMethodField(help_text="The verdict, or null.")
    verdict = serializers.SerializerMethodField(help_text="The verdict, or null.")
    confidence = serializers.SerializerMethodField(
        help_text="Probability of the verdict; of the likelier class where it is INCONCLUSIVE."
    )
    probabilities = serializers.SerializerMethodField()
    probability = serializers.FloatField(allow_null=True, help_text="Calibrated, of FAKE.")
    score = serializers.FloatField(
        allow_null=True, help_text="Log-likelihood ratio; positive means synthetic."
    )
    threshold = serializers.FloatField(allow_null=True, help_text="FAKE from this probability on.")
    real_threshold = serializers.FloatField(
        allow_null=True, help_text="REAL up to this probability."
    )
    status = serializers.ChoiceField(Status.choices)
    error = serializers.SerializerMethodField(help_text="Why it failed, or null.")
    origin = serializers.ChoiceField(PredictionOrigin.choices)
    requested_version = serializers.CharField(
        source="requested_version.name",
        default=None,
        allow_null=True,
        help_text="The model version that was asked for; null is the champion.",
    )
    external_id = serializers.CharField(source="clip.external_id")
    metadata = serializers.DictField(source="clip.metadata", child=serializers.CharField())
    keep_audio = serializers.BooleanField(
        source="clip.keep_audio", help_text="False: zero retention was asked for."
    )
    audio_erased_at = serializers.DateTimeField(
        source="clip.erased_at", allow_null=True, help_text="When the audio went from storage."
    )
    expires_at = serializers.DateTimeField(
        source="clip.expires_at",
        allow_null=True,
        help_text="When the clip is deleted by itself, where `retention_days` was asked for.",
    )
    sha256 = serializers.CharField(source="clip.sha256")
    size = serializers.IntegerField(source="clip.size", help_text="Bytes.")
    model_version = serializers.CharField(
        source="model_version.name", default=None, allow_null=True
    )
    schema = serializers.CharField(
        source="model_version.schema",
        default=None,
        allow_null=True,
        help_text="Feature schema of the model version.",
    )
    links = serializers.SerializerMethodField()

    class Meta:
        model = Prediction
        fields = [
            "id",
            "filename",
            "status",
            "prediction",
            "verdict",
            "confidence",
            "probabilities",
            "probability",
            "score",
            "threshold",
            "real_threshold",
            "error",
            "sha256",
            "size",
            "model_version",
            "schema",
            "origin",
            "requested_version",
            "target_fpr",
            "external_id",
            "metadata",
            "keep_audio",
            "audio_erased_at",
            "expires_at",
            "created_at",
            "finished_at",
            "links",
        ]

    @extend_schema_field(serializers.ChoiceField(VERDICTS, allow_null=True))
    def get_prediction(self, row: Prediction) -> str | None:
        """Return the verdict under the name that older clients read."""
        return row.verdict or None

    @extend_schema_field(serializers.ChoiceField(VERDICTS, allow_null=True))
    def get_verdict(self, row: Prediction) -> str | None:
        """Return the verdict."""
        return row.verdict or None

    def get_confidence(self, row: Prediction) -> float | None:
        """Return the probability of the verdict that was given."""
        fake = row.probability
        if fake is None:
            return None
        real = 1 - fake
        return {Verdict.FAKE: fake, Verdict.REAL: real}.get(Verdict(row.verdict), max(fake, real))

    @extend_schema_field(Probabilities(allow_null=True))
    def get_probabilities(self, row: Prediction) -> dict[str, float] | None:
        """Return both probabilities, or None where nothing could be scored."""
        if row.probability is None:
            return None
        return {"REAL": 1 - row.probability, "FAKE": row.probability}

    @extend_schema_field(Fault(allow_null=True))
    def get_error(self, row: Prediction) -> dict[str, Any] | None:
        """Return what went wrong, or None."""
        return problem_body(row.error_code, row.error_params) if row.error_code else None

    @extend_schema_field(
        inline_serializer(
            "PredictionLinks",
            {"self": serializers.URLField(), "batch": serializers.URLField(required=False)},
        )
    )
    def get_links(self, row: Prediction) -> dict[str, str]:
        """Return the addresses of the prediction and of its batch."""
        request = self.context["request"]
        links = {"self": reverse("api:prediction", args=[row.pk], request=request)}
        if row.batch_id:
            links["batch"] = reverse("api:batch", args=[row.batch_id], request=request)
        return links


class PredictionBody(PredictionSummary):
    """A prediction with its evidence."""

    ahead = serializers.SerializerMethodField(
        help_text="Clips of anybody that wait before it, while it waits itself."
    )
    confidence_in_words = serializers.SerializerMethodField()
    segments = SegmentBody(many=True)
    explanation = serializers.DictField(help_text="What else is known of why.")
    reasons = serializers.SerializerMethodField()
    quality = serializers.DictField(
        child=serializers.FloatField(), help_text="What was measured of the clip."
    )
    facts = serializers.DictField(
        source="clip.facts", help_text="What decoding found: codec, rate, channels, duration."
    )
    timings = serializers.DictField(
        child=serializers.FloatField(), help_text="Seconds spent on each step."
    )

    class Meta(PredictionSummary.Meta):
        fields = [
            *PredictionSummary.Meta.fields,
            "ahead",
            "confidence_in_words",
            "segments",
            "reasons",
            "explanation",
            "quality",
            "facts",
            "timings",
        ]

    def get_ahead(self, row: Prediction) -> int | None:
        """Return how many wait before it, or None where it does not wait."""
        return waiting_before(row) if row.status == Status.QUEUED else None

    @extend_schema_field(ConfidenceBody(allow_null=True))
    def get_confidence_in_words(self, row: Prediction) -> dict[str, Any] | None:
        """Return what the verdict is worth, or None where nothing was scored."""
        confidence = confidence_of(row)
        return asdict(confidence) if confidence else None

    @extend_schema_field(ReasonBody(many=True))
    def get_reasons(self, row: Prediction) -> list[dict[str, Any]]:
        """Return the reasons in words."""
        return [
            {
                "code": reason["code"],
                "text": reason_text(reason["code"], reason["params"]),
                "weight": reason["weight"],
            }
            for reason in row.reasons
        ]
