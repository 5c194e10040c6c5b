"""What other versions say of clips that were judged already; the verdicts themselves stay."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from detector.engine.types import Verdict
from training.models.registry import ModelVersion


class SecondOpinion(models.Model):
    """What one more version says of a prediction's clip; its owner's verdict stays as it is."""

    prediction = models.ForeignKey(
        "detector.Prediction",
        verbose_name=_("prediction"),
        on_delete=models.CASCADE,
        related_name="second_opinions",
    )
    version = models.ForeignKey(
        ModelVersion,
        verbose_name=_("model version"),
        on_delete=models.CASCADE,
        related_name="second_opinions",
    )
    verdict = models.CharField(
        _("verdict"), max_length=12, blank=True, choices=[(verdict, verdict) for verdict in Verdict]
    )
    probability = models.FloatField(_("probability of synthetic"), null=True, blank=True)
    score = models.FloatField(_("score"), null=True, blank=True)
    error_code = models.CharField(_("error code"), max_length=50, blank=True)
    """Why there is no verdict; the clip may have been deleted meanwhile."""
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("second opinion")
        verbose_name_plural = _("second opinions")
        indexes = [models.Index(fields=["version", "-created_at"])]
        constraints = [
            models.UniqueConstraint(
                fields=["prediction", "version"], name="one_opinion_of_each_version"
            ),
            models.CheckConstraint(
                name="opinion_or_error",
                condition=Q(verdict="") ^ Q(error_code=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version}: {self.verdict or self.error_code}"


class RejudgingState(models.TextChoices):
    """Where a re-judging is."""

    RUNNING = "running", _("runs")
    DONE = "done", _("done")
    CANCELLED = "cancelled", _("cancelled")


class Rejudging(models.Model):
    """Asks a version for its opinion of selected history, in the background."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    version = models.ForeignKey(
        ModelVersion,
        verbose_name=_("model version"),
        on_delete=models.PROTECT,
        related_name="rejudgings",
    )
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("requested by"),
        on_delete=models.PROTECT,
        related_name="+",
    )
    since = models.DateTimeField(_("judged since"), null=True, blank=True)
    until = models.DateTimeField(_("judged until"))
    """Predictions made before this moment: what comes in later does not belong to it."""
    verdict = models.CharField(
        _("verdict given"),
        max_length=12,
        blank=True,
        choices=[(verdict, verdict) for verdict in Verdict],
    )
    """Only clips with this verdict, or all."""
    state = models.CharField(
        _("state"), max_length=10, choices=RejudgingState, default=RejudgingState.RUNNING
    )
    total = models.PositiveIntegerField(_("clips"), default=0)
    done = models.PositiveIntegerField(_("judged again"), default=0)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        verbose_name = _("re-judging")
        verbose_name_plural = _("re-judgings")
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                name="rejudging_ends_once",
                condition=Q(state="running", finished_at__isnull=True)
                | ~Q(state="running") & Q(finished_at__isnull=False),
            ),
            models.CheckConstraint(name="rejudging_done_of", condition=Q(done__lte=F("total"))),
        ]

    def __str__(self) -> str:
        return f"{self.version}: {self.done}/{self.total}"
