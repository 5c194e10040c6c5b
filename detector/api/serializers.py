"""The shape of what is sent and answered. Field names are a promise: they are only ever added."""

from dataclasses import asdict
from typing import Any

from django.db.models import TextChoices
from drf_spectacular.utils import extend_schema_field, inline_serializer
from rest_framework import serializers
from rest_framework.reverse import reverse

from detector.api.problems import problem_body
from detector.api.wishes import WishFields
from detector.confidence import CAUTIONS, confidence_of
from detector.engine.types import SegmentKind, Verdict
from detector.messages import reason_text
from detector.models import FINISHED, Batch, Prediction, PredictionOrigin, Status
from detector.selectors import batch_predictions, waiting_before

VERDICTS = [verdict.value for verdict in Verdict]


class BatchStatus(TextChoices):
    """How far a batch is."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"


class ClipUpload(WishFields):
    """What `/predict` reads."""

    file = serializers.FileField(allow_empty_file=True, help_text="One recording.")


class BatchUpload(WishFields):
    """What `/predict/batch` reads; the options are those of every file."""

    files = serializers.ListField(
        child=serializers.FileField(allow_empty_file=True),
        min_length=1,
        help_text="Recordings; the field is repeated for each.",
    )


class FieldError(serializers.Serializer[Any]):
    """What is wrong with one field of a request."""

    field = serializers.CharField(help_text="Its name; empty for the request as a whole.")
    detail = serializers.CharField()
    code = serializers.CharField()


class Fault(serializers.Serializer[Any]):
    """Why a file was refused or could not be judged."""

    type = serializers.CharField(help_text="Address of the problem's page.")
    title = serializers.CharField()
    status = serializers.IntegerField(help_text="HTTP status of an answer that carries it.")
    detail = serializers.CharField()
    code = serializers.CharField(help_text="Stable; see the table of problems.")


class Problem(Fault):
    """An answer that is not a success (RFC 9457)."""

    instance = serializers.CharField(help_text="What was asked for.")
    errors = FieldError(many=True, required=False)  # type: ignore[assignment]  # a field here
    id = serializers.UUIDField(required=False, help_text="Prediction that failed, where one did.")
    links = serializers.DictField(child=serializers.URLField(), required=False)


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
