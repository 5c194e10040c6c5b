"""Labelled clips, what people think of them, and what was computed from them."""

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from detector.engine.types import Verdict
from training.models.registry import ModelVersion


class Label(models.TextChoices):
    """What a sample is; the spelling is that of the feature tables."""

    REAL = "real", _("human")
    FAKE = "fake", _("synthetic")


class SampleState(models.TextChoices):
    """Whether a sample may train."""

    WAITING = "waiting", _("waits for review")
    CONFIRMED = "confirmed", _("confirmed")
    EXCLUDED = "excluded", _("excluded")


class Origin(models.TextChoices):
    """How a sample came in."""

    UPLOAD = "upload", _("added on the website")
    API = "api", _("added through the API")
    ARCHIVE = "archive", _("imported from an archive")
    FEEDBACK = "feedback", _("reported as a wrong verdict")


class Extraction(models.TextChoices):
    """How far the work on a sample's audio is."""

    QUEUED = "queued", _("not heard yet")
    RUNNING = "running", _("listening")
    DONE = "done", _("heard")
    FAILED = "failed", _("failed")


_PRESENT = Q(deleted_at__isnull=True)


class Sample(models.Model):
    """A labelled clip, with audio of its own. It trains only once it is confirmed.

    The same bytes are kept once: who adds them again adds an opinion. After deletion the row
    stays and says when; audio, features and fingerprint are gone.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("added by"),
        on_delete=models.PROTECT,
        related_name="samples",
    )
    origin = models.CharField(_("origin"), max_length=10, choices=Origin)
    prediction = models.ForeignKey(
        "detector.Prediction",
        verbose_name=_("prediction"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text=_("Whose verdict was reported as wrong."),
    )
    name = models.CharField(
        _("name"), max_length=255, help_text=_("The file's name as it was sent.")
    )
    audio = models.FileField(upload_to="samples/%Y/%m/%d/", max_length=200, blank=True)
    size = models.PositiveBigIntegerField(_("size in bytes"))
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    container = models.CharField(_("format"), max_length=20)

    label = models.CharField(_("label"), max_length=4, choices=Label)
    source = models.CharField(
        _("recording or session"),
        max_length=200,
        blank=True,
        help_text=_("The recording or session that it was taken from."),
    )
    speaker = models.CharField(_("speaker"), max_length=200, blank=True)
    generator = models.CharField(
        _("generator"), max_length=200, blank=True, help_text=_("What synthesised it.")
    )
    language = models.CharField(_("language"), max_length=20, blank=True)

    state = models.CharField(
        _("state"), max_length=10, choices=SampleState, default=SampleState.WAITING
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("decided by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    people_disagree = models.BooleanField(default=False, editable=False)
    """Whether its opinions hold both labels."""

    extraction = models.CharField(
        _("extraction"),
        max_length=10,
        choices=Extraction,
        default=Extraction.QUEUED,
        editable=False,
    )
    attempts = models.PositiveSmallIntegerField(default=0, editable=False)
    lease = models.UUIDField(null=True, editable=False)
    lease_expires_at = models.DateTimeField(null=True, editable=False)
    sent_at = models.DateTimeField(default=timezone.now, editable=False)
    """When a task for it was last put on the queue."""
    error_code = models.CharField(_("error code"), max_length=50, blank=True)
    error_params = models.JSONField(_("error details"), default=dict, blank=True)

    facts = models.JSONField(_("facts"), default=dict, blank=True)
    """`ClipFacts` as found by decoding; empty until then."""
    duration = models.FloatField(_("length"), null=True, blank=True, help_text=_("Seconds."))
    recording = models.UUIDField(default=uuid.uuid4, editable=False)
    """Shared by samples whose fingerprints say that they hold the same recording: they stay on one
    side of every split."""

    scored_by = models.ForeignKey(
        ModelVersion,
        verbose_name=_("scored by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    """The version (champion at that time) whose opinion the next two fields are."""
    verdict = models.CharField(
        _("verdict"), max_length=12, blank=True, choices=[(verdict, verdict) for verdict in Verdict]
    )
    probability = models.FloatField(_("probability of synthetic"), null=True, blank=True)

    urgency = models.GeneratedField(
        expression=Case(
            When(people_disagree=True, then=Value(2)),
            When(label=Label.REAL, verdict=Verdict.FAKE, then=Value(1)),
            When(label=Label.FAKE, verdict=Verdict.REAL, then=Value(1)),
            default=Value(0),
        ),
        output_field=models.PositiveSmallIntegerField(),
        db_persist=True,
    )
    """Order of review: 2 where people disagree, 1 where label and champion do, else 0."""

    created_at = models.DateTimeField(_("added"), default=timezone.now, editable=False)
    deleted_at = models.DateTimeField(_("deleted"), null=True, blank=True)

    class Meta:
        verbose_name = _("sample")
        verbose_name_plural = _("samples")
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(
                F("created_at").desc(), F("id").desc(), name="sample_newest", condition=_PRESENT
            ),
            models.Index(
                F("urgency").desc(),
                "created_at",
                "id",
                name="sample_review",
                condition=_PRESENT & Q(state="waiting"),
            ),
            models.Index(
                fields=["extraction", "sent_at"],
                name="sample_open",
                condition=Q(extraction__in=["queued", "running"]),
            ),
            models.Index(fields=["recording"], name="sample_recording"),
            models.Index(
                fields=["deleted_at"],
                name="sample_to_erase",
                condition=Q(deleted_at__isnull=False) & ~Q(audio=""),
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["sha256"], condition=_PRESENT, name="sample_kept_once"),
            models.CheckConstraint(
                name="decided_by_somebody",
                condition=Q(state="waiting", decided_by__isnull=True, decided_at__isnull=True)
                | ~Q(state="waiting") & Q(decided_by__isnull=False, decided_at__isnull=False),
            ),
            models.CheckConstraint(
                name="extraction_running_has_lease",
                condition=~Q(extraction="running")
                | Q(lease__isnull=False, lease_expires_at__isnull=False),
            ),
            models.CheckConstraint(
                name="extraction_failed_has_code",
                condition=~Q(extraction="failed") | ~Q(error_code=""),
            ),
            models.CheckConstraint(
                name="extraction_done_has_duration",
                condition=~Q(extraction="done") | Q(duration__isnull=False),
            ),
            models.CheckConstraint(
                name="verdict_has_version",
                condition=Q(verdict="") | Q(scored_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.get_label_display()}, {self.get_state_display()})"


class SampleOpinion(models.Model):
    """What one person says that a sample is; the latest word of each counts."""

    sample = models.ForeignKey(Sample, on_delete=models.CASCADE, related_name="opinions")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    label = models.CharField(max_length=4, choices=Label)
    note = models.CharField(max_length=1000, blank=True)
    at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["at"]
        constraints = [
            models.UniqueConstraint(fields=["sample", "person"], name="one_opinion_a_person")
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.label}"


class FeatureRows(models.Model):
    """Rows of a feature table, cached by the audio's sha256 and the schema.

    One row a speech window and one a window's augmented copy: what
    `training.learning.rows.sample_rows` returns.
    """

    sha256 = models.CharField(max_length=64)
    schema = models.CharField(max_length=200)
    rows = models.JSONField()
    """For each row `copy` (0 for the audio itself), `start` in seconds, and the `FACTS` of
    `training.learning.table`."""
    vectors = models.BinaryField()
    """Little-endian float32, shape (len(rows), columns of the schema)."""
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sha256", "schema"], name="features_kept_once"),
            models.CheckConstraint(name="features_have_rows", condition=~Q(rows=[])),
        ]

    def __str__(self) -> str:
        return f"{self.schema} of {self.sha256[:12]}"


class Fingerprint(models.Model):
    """How a sample's audio is found again after cutting, re-encoding or a change of level."""

    sample = models.OneToOneField(
        Sample, primary_key=True, on_delete=models.CASCADE, related_name="fingerprint"
    )
    landmarks = models.BinaryField()
    """Little-endian int32 pairs (hash, frame), in order of time."""
    keys = ArrayField(models.IntegerField())
    """The hashes by which it is looked up."""

    class Meta:
        indexes = [GinIndex(fields=["keys"], name="fingerprint_keys", fastupdate=False)]

    def __str__(self) -> str:
        return f"fingerprint of {self.sample_id}"
