"""Archives of samples that were sent, and what became of each file in them."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from detector.engine.errors import ClipError
from training.models.samples import Sample


class ArchiveState(models.TextChoices):
    """How far an archive is."""

    QUEUED = "queued", _("waits")
    RUNNING = "running", _("is being unpacked")
    DONE = "done", _("done")
    FAILED = "failed", _("failed")


class Answer(models.TextChoices):
    """What became of a file that was sent."""

    ADDED = "added"
    DUPLICATE = "duplicate"
    REFUSED = "refused"


class Archive(models.Model):
    """A ZIP archive of labelled clips. Its bytes are erased once its files are samples."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="archives"
    )
    name = models.CharField(max_length=255, help_text="The file's name as it was sent.")
    file = models.FileField(upload_to="archives/%Y/%m/%d/", max_length=200, blank=True)
    size = models.PositiveBigIntegerField()
    confirmed = models.BooleanField(
        default=False, help_text="Whether who sent it vouches for the labels."
    )
    total = models.PositiveIntegerField(help_text="Files to answer.")

    state = models.CharField(max_length=10, choices=ArchiveState, default=ArchiveState.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0, editable=False)
    lease = models.UUIDField(null=True, editable=False)
    lease_expires_at = models.DateTimeField(null=True, editable=False)
    sent_at = models.DateTimeField(default=timezone.now, editable=False)
    """When a task for it was last put on the queue."""
    error_code = models.CharField(max_length=50, blank=True)
    error_params = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(
                fields=["state", "sent_at"],
                name="archive_open",
                condition=Q(state__in=["queued", "running"]),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="archive_running_has_lease",
                condition=~Q(state="running")
                | Q(lease__isnull=False, lease_expires_at__isnull=False),
            ),
            models.CheckConstraint(
                name="archive_failed_has_code", condition=~Q(state="failed") | ~Q(error_code="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.state})"

    @property
    def is_open(self) -> bool:
        """Whether files of it have not been looked at yet."""
        return self.state in (ArchiveState.QUEUED, ArchiveState.RUNNING)


class ArchivedFile(models.Model):
    """What became of one file: a sample, or a problem. Written together with the sample."""

    archive = models.ForeignKey(Archive, on_delete=models.CASCADE, related_name="files")
    place = models.PositiveIntegerField()
    """In the order of the manifest; what it does not name comes after."""
    name = models.CharField(max_length=255)
    sample = models.ForeignKey(Sample, null=True, on_delete=models.SET_NULL, related_name="+")
    is_new = models.BooleanField(default=False)
    """Whether the sample was not there before."""
    error_code = models.CharField(max_length=50, blank=True)
    error_params = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["place"]
        constraints = [
            models.UniqueConstraint(fields=["archive", "place"], name="file_answered_once"),
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.error_code or self.sample_id}"

    @property
    def error(self) -> ClipError | None:
        """What is wrong with it."""
        return ClipError(self.error_code, **self.error_params) if self.error_code else None

    @property
    def status(self) -> Answer:
        """What became of it."""
        if self.error_code:
            return Answer.REFUSED
        return Answer.ADDED if self.is_new else Answer.DUPLICATE
