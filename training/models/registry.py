"""Model versions and the aliases that point at them."""

import uuid
from typing import Any

from django.db import models
from django.utils import timezone


class ModelVersion(models.Model):
    """A trained detector. Immutable: a change is a new version."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=100, unique=True)
    schema = models.CharField(max_length=200)
    artifact = models.FileField(upload_to="models/", max_length=200)
    artifact_sha256 = models.CharField(max_length=64)
    manifest = models.JSONField()
    """Calibration, thresholds, metrics, card and provenance: see `detector.engine.model`."""
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Add the row; a version that exists is never written again."""
        if not self._state.adding:
            raise TypeError(f"Model version {self.name} is immutable.")
        super().save(*args, **kwargs)

    @property
    def threshold(self) -> float:
        """Probability from which a clip is called FAKE."""
        return float(self.manifest["threshold"])


class AliasName(models.TextChoices):
    """The names under which versions are known."""

    CHAMPION = "champion"
    CHALLENGER = "challenger"
    PREVIOUS = "previous"


class ModelAlias(models.Model):
    """A name that points at a version; promoting and rolling back move it."""

    name = models.CharField(max_length=20, choices=AliasName, primary_key=True)
    version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="aliases")
    moved_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name_plural = "model aliases"

    def __str__(self) -> str:
        return f"{self.name} -> {self.version}"


class GateReport(models.Model):
    """How a version did against a champion on the same held-out clips. Rows are only ever added."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    version = models.ForeignKey(ModelVersion, on_delete=models.CASCADE, related_name="gates")
    champion = models.ForeignKey(ModelVersion, on_delete=models.CASCADE, related_name="+")
    passed = models.BooleanField()
    clips = models.PositiveIntegerField()
    checks = models.JSONField(default=list)
    """As `training.learning.gate.Check`: one entry a guarded figure."""
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["version", "champion", "-created_at"])]

    def __str__(self) -> str:
        return f"{self.version} against {self.champion}: {'passed' if self.passed else 'stopped'}"
