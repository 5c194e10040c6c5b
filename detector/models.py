"""Clips and what was said of them."""

import uuid
from datetime import datetime

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from detector.engine.types import Verdict


class Clip(models.Model):
    """One uploaded file. After deletion the row stays and says when; the audio is gone."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("owner"),
        on_delete=models.PROTECT,
        related_name="clips",
    )
    name = models.CharField(
        _("name"), max_length=255, help_text=_("The file's name as it was sent.")
    )
    audio = models.FileField(upload_to="clips/%Y/%m/%d/", max_length=200, blank=True)
    size = models.PositiveBigIntegerField(_("size in bytes"))
    sha256 = models.CharField(_("SHA-256"), max_length=64, db_index=True)
    container = models.CharField(_("format"), max_length=20)
    facts = models.JSONField(_("facts"), default=dict, blank=True)
    """`ClipFacts` as found by decoding; empty until then."""
    external_id = models.CharField(
        _("external id"),
        max_length=200,
        blank=True,
        help_text=_("What its sender calls it, to find it again."),
    )
    metadata = models.JSONField(_("metadata"), default=dict, blank=True)
    """What its sender wants to find it by: names to texts, numbers or booleans."""
    keep_audio = models.BooleanField(
        _("audio is kept"),
        default=True,
        help_text=_("If not, zero retention: the audio goes with the verdict."),
    )
    expires_at = models.DateTimeField(_("deletes itself"), null=True, blank=True)
    """When it is deleted by itself, where its sender said so; its team may say earlier."""
    created_at = models.DateTimeField(_("sent"), default=timezone.now, editable=False)
    deleted_at = models.DateTimeField(_("deleted"), null=True, blank=True)
    erased_at = models.DateTimeField(_("audio erased"), null=True, blank=True)
    """When the audio went from storage."""

    class Meta:
        verbose_name = _("clip")
        verbose_name_plural = _("clips")
        indexes = [
            models.Index(fields=["owner", "-created_at"]),
            models.Index(
                fields=["owner", "external_id"],
                condition=~Q(external_id=""),
                name="clip_external_id",
            ),
            models.Index(
                fields=["created_at"],
                condition=~Q(audio="") & (Q(deleted_at__isnull=False) | Q(keep_audio=False)),
                name="clip_to_erase",
            ),
            models.Index(fields=["-created_at", "-id"], name="clip_newest"),
            models.Index(
                fields=["owner", "created_at"], condition=Q(deleted_at=None), name="clip_kept"
            ),
            models.Index(
                fields=["expires_at"],
                condition=Q(deleted_at=None, expires_at__isnull=False),
                name="clip_expires",
            ),
            GinIndex(fields=["metadata"], opclasses=["jsonb_path_ops"], name="clip_metadata"),
        ]
        constraints = [
            models.CheckConstraint(
                name="erased_has_no_audio", condition=Q(erased_at__isnull=True) | Q(audio="")
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ClipPicture(models.Model):
    """What a clip looks like, drawn when it is judged; it goes when the clip is deleted.

    A row of its own, so that no list of clips reads it: see `detector.engine.picture`.
    """

    clip = models.OneToOneField(
        Clip, on_delete=models.CASCADE, primary_key=True, related_name="picture"
    )
    peaks = models.BinaryField()
    spectrogram = models.BinaryField()

    def __str__(self) -> str:
        return f"Picture of {self.clip}"


class Batch(models.Model):
    """Clips that were sent together."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    is_complete = models.BooleanField(default=True)
    """False while its files still come in one by one."""
    files = models.JSONField(default=list)
    """What was sent, in its order: `filename` and either `prediction` (an id) or `error` (`code`
    and `params` of the problem for which the file was refused). `known` is set where the
    prediction was made before, on the same bytes."""

    def __str__(self) -> str:
        return str(self.id)


class Status(models.TextChoices):
    """Where a prediction is in its life."""

    QUEUED = "queued", _("Waiting")
    RUNNING = "running", _("Being judged")
    DONE = "done", _("Judged")
    FAILED = "failed", _("Not judged")
    CANCELLED = "cancelled", _("Cancelled")


FINISHED = (Status.DONE, Status.FAILED, Status.CANCELLED)
"""What no prediction leaves again."""


class PredictionOrigin(models.TextChoices):
    """Why a prediction was made."""

    UPLOAD = "upload", _("sent")
    REJUDGE = "rejudge", _("judged again")


class Prediction(models.Model):
    """One run of one model version on one clip.

    A worker owns a running prediction by its lease; whoever holds no current lease cannot
    write a result, so a verdict is written once.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clip = models.ForeignKey(
        Clip, verbose_name=_("clip"), on_delete=models.CASCADE, related_name="predictions"
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("owner"),
        on_delete=models.PROTECT,
        related_name="predictions",
    )
    batch = models.ForeignKey(
        Batch,
        verbose_name=_("batch"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="predictions",
    )
    origin = models.CharField(
        _("origin"), max_length=10, choices=PredictionOrigin, default=PredictionOrigin.UPLOAD
    )
    requested_version = models.ForeignKey(
        "training.ModelVersion",
        verbose_name=_("requested version"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    """The version that shall judge; None is whichever is champion then."""
    target_fpr = models.FloatField(
        _("real clips that may be called FAKE"),
        null=True,
        blank=True,
        help_text=_("Share, 0 to 1; empty is the version's own threshold."),
    )
    status = models.CharField(_("state"), max_length=10, choices=Status, default=Status.QUEUED)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    lease = models.UUIDField(null=True, blank=True, editable=False)
    lease_expires_at = models.DateTimeField(null=True, blank=True, editable=False)
    sent_at = models.DateTimeField(default=timezone.now, editable=False)
    """When a task for it was last put on the queue."""

    created_at = models.DateTimeField(_("sent"), default=timezone.now, editable=False)
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    model_version = models.ForeignKey(
        "training.ModelVersion",
        verbose_name=_("model version"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    verdict = models.CharField(
        _("verdict"), max_length=12, blank=True, choices=[(verdict, verdict) for verdict in Verdict]
    )
    probability = models.FloatField(_("probability of synthetic"), null=True, blank=True)
    score = models.FloatField(_("score"), null=True, blank=True)
    threshold = models.FloatField(_("FAKE from"), null=True, blank=True)
    real_threshold = models.FloatField(_("REAL up to"), null=True, blank=True)
    segments = models.JSONField(default=list)
    reasons = models.JSONField(_("reasons"), default=list)
    quality = models.JSONField(_("quality"), default=dict)
    timings = models.JSONField(_("timings"), default=dict)
    explanation = models.JSONField(default=dict)
    """What the engine found out about why, beyond the reasons."""

    error_code = models.CharField(_("error code"), max_length=50, blank=True)
    error_params = models.JSONField(_("error details"), default=dict)

    class Meta:
        verbose_name = _("prediction")
        verbose_name_plural = _("predictions")
        indexes = [
            models.Index(fields=["owner", "-created_at"]),
            models.Index(
                fields=["owner", "probability", "id"],
                condition=Q(probability__isnull=False),
                name="prediction_most_likely",
            ),
            # What everybody sent lately: how fast it went, the panel's list.
            models.Index(fields=["-created_at", "-id"], name="prediction_newest"),
            # Of a long history few failed, were cancelled or wait.
            models.Index(
                fields=["owner", "-created_at"],
                condition=~Q(status="done"),
                name="prediction_not_done",
            ),
            models.Index(
                fields=["status", "sent_at"],
                condition=Q(status__in=["queued", "running"]),
                name="prediction_open",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="done_has_verdict",
                condition=~Q(status="done")
                | Q(model_version__isnull=False, threshold__isnull=False, finished_at__isnull=False)
                & ~Q(verdict="")
                & ~Q(reasons=[]),
            ),
            models.CheckConstraint(
                name="failed_has_code",
                condition=~Q(status="failed") | Q(finished_at__isnull=False) & ~Q(error_code=""),
            ),
            models.CheckConstraint(
                name="cancelled_has_end",
                condition=~Q(status="cancelled") | Q(finished_at__isnull=False, lease__isnull=True),
            ),
            models.CheckConstraint(
                name="running_has_lease",
                condition=~Q(status="running")
                | Q(lease__isnull=False, lease_expires_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.clip} {self.verdict or self.get_status_display()}"

    @property
    def is_finished(self) -> bool:
        """Whether it has ended, well or not."""
        return self.status in FINISHED


class ShareLink(models.Model):
    """A way to one result for anybody who may log in, until it ends or is taken back."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    prediction = models.ForeignKey(Prediction, on_delete=models.CASCADE, related_name="share_links")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"Link to {self.prediction}"

    def is_valid(self, now: datetime) -> bool:
        """Whether it still leads somewhere."""
        return self.revoked_at is None and self.expires_at > now


class SavedFilter(models.Model):
    """A way to narrow down the history that a person comes back to."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_filters"
    )
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=1000, help_text="As in the history's address.")

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["owner", "name"], name="filter_once")]

    def __str__(self) -> str:
        return self.name


class DirectUpload(models.Model):
    """Leave to put one file straight into S3, and what became of it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=255, help_text="The file's name, as it will be shown.")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField(db_index=True)
    """Until then the file may be sent and judged; afterwards it is erased with this row."""

    def __str__(self) -> str:
        return self.name

    @property
    def key(self) -> str:
        """Where the file is in the storage."""
        return f"uploads/{self.pk}"
