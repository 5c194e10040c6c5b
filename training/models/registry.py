"""Model versions and the aliases that point at them."""

import uuid
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class ModelVersion(models.Model):
    """A trained detector. Immutable: a change is a new version."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(_("name"), max_length=100, unique=True)
    schema = models.CharField(_("feature schema"), max_length=200)
    artifact = models.FileField(upload_to="models/", max_length=200)
    artifact_sha256 = models.CharField(_("SHA-256"), max_length=64)
    manifest = models.JSONField()
    """Calibration, thresholds, metrics, card and provenance: see `detector.engine.model`."""
    created_at = models.DateTimeField(_("added"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("model version")
        verbose_name_plural = _("model versions")
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

    CHAMPION = "champion", _("champion")
    CHALLENGER = "challenger", _("challenger")
    PREVIOUS = "previous", _("former champion")


class ModelAlias(models.Model):
    """A name that points at a version; promoting and rolling back move it."""

    name = models.CharField(_("alias"), max_length=20, choices=AliasName, primary_key=True)
    version = models.ForeignKey(
        ModelVersion,
        verbose_name=_("model version"),
        on_delete=models.PROTECT,
        related_name="aliases",
    )
    moved_at = models.DateTimeField(_("since"), default=timezone.now)

    class Meta:
        verbose_name = _("alias")
        verbose_name_plural = _("aliases")

    def __str__(self) -> str:
        return f"{self.get_name_display()}: {self.version}"


class GateReport(models.Model):
    """How a version did against a champion on the same held-out clips. Rows are only ever added."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    version = models.ForeignKey(
        ModelVersion,
        verbose_name=_("model version"),
        on_delete=models.CASCADE,
        related_name="gates",
    )
    champion = models.ForeignKey(
        ModelVersion, verbose_name=_("champion"), on_delete=models.CASCADE, related_name="+"
    )
    passed = models.BooleanField(_("passed"))
    clips = models.PositiveIntegerField(_("clips"))
    checks = models.JSONField(_("checks"), default=list)
    """As `training.learning.gate.Check`: one entry a guarded figure."""
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("gate report")
        verbose_name_plural = _("gate reports")
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["version", "champion", "-created_at"])]

    def __str__(self) -> str:
        words = _("%(version)s passed") if self.passed else _("%(version)s was stopped")
        return words % {"version": self.version}
