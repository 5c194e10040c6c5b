"""Training runs, and what exactly each of them learned from."""

import uuid

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from training.models.registry import GateReport, ModelVersion


class Snapshot(models.Model):
    """A frozen list of samples with their labels. Equal lists are one snapshot."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    sha256 = models.CharField(max_length=64, unique=True)
    """Of its lines and of the base table."""
    items = models.FileField(upload_to="snapshots/", max_length=200)
    """Gzipped JSON lines: see `training.snapshots`."""
    real = models.PositiveIntegerField()
    fake = models.PositiveIntegerField()
    base_sha256 = models.CharField(max_length=64, blank=True)
    """Of the base table's file; empty where it does not take part."""
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.sha256[:12]

    @property
    def samples(self) -> int:
        """How many of the team's own samples it holds."""
        return self.real + self.fake


class RunState(models.TextChoices):
    """Where a run is in its life."""

    QUEUED = "queued", _("waits")
    RUNNING = "running", _("runs")
    DONE = "done", _("done")
    FAILED = "failed", _("failed")
    CANCELLED = "cancelled", _("cancelled")


class ModelType(models.TextChoices):
    """What a run tries."""

    AUTO = "auto", _("the best of all")
    RANDOM_FOREST = "random_forest", _("random forest")
    LOGISTIC_REGRESSION = "logistic_regression", _("logistic regression")
    SVM = "svm", _("support vector machine")
    GRADIENT_BOOSTING = "gradient_boosting", _("gradient boosting")
    NEURAL_NETWORKS = "neural_networks", _("neural networks, as the shipped model")


class SearchSize(models.TextChoices):
    """How many settings a run tries."""

    QUICK = "quick", _("quick: the usual settings")
    NORMAL = "normal", _("normal: up to five settings of each type")
    THOROUGH = "thorough", _("thorough: up to nine settings of each type, on all clips")


class PromotePolicy(models.TextChoices):
    """What becomes of the version that a run makes."""

    NEVER = "never", _("never: it becomes the challenger")
    GATE = "if_gate_passes", _("if the gate passes")


OPEN = Q(state__in=[RunState.QUEUED, RunState.RUNNING])


class TrainingRun(models.Model):
    """One attempt to make a version. One runs at a time; its worker owns it by a lease."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("started by"),
        on_delete=models.PROTECT,
        related_name="training_runs",
    )
    snapshot = models.ForeignKey(
        Snapshot, verbose_name=_("snapshot"), on_delete=models.PROTECT, related_name="runs"
    )
    model_type = models.CharField(
        _("model type"), max_length=30, choices=ModelType, default=ModelType.AUTO
    )
    search_size = models.CharField(
        _("search"), max_length=10, choices=SearchSize, default=SearchSize.NORMAL
    )
    target_fpr = models.FloatField(
        _("real clips that may be called FAKE"),
        default=0.02,
        validators=[MinValueValidator(0.001), MaxValueValidator(0.2)],
    )
    promote_policy = models.CharField(
        _("promote the new version"),
        max_length=15,
        choices=PromotePolicy,
        default=PromotePolicy.NEVER,
    )
    seed = models.PositiveIntegerField(
        _("seed"), default=1, validators=[MaxValueValidator(2**31 - 1)]
    )

    state = models.CharField(_("state"), max_length=10, choices=RunState, default=RunState.QUEUED)
    cancelled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("cancelled by"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    """Who wants a running one to end."""
    step = models.CharField(_("step"), max_length=20, blank=True)
    """A key of `training.steps.STEPS`."""
    percent = models.PositiveSmallIntegerField(_("progress, %"), default=0)
    log = models.JSONField(default=list)
    """Entries with `at` and `text`."""
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    lease = models.UUIDField(null=True, editable=False)
    lease_expires_at = models.DateTimeField(null=True, editable=False)
    sent_at = models.DateTimeField(default=timezone.now, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    """Of its last attempt."""
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    version = models.OneToOneField(
        ModelVersion,
        verbose_name=_("model version"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="run",
    )
    gate = models.ForeignKey(
        GateReport,
        verbose_name=_("gate report"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    error_code = models.CharField(_("error code"), max_length=50, blank=True)
    error_params = models.JSONField(_("error details"), default=dict)

    class Meta:
        verbose_name = _("training run")
        verbose_name_plural = _("training runs")
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="run_newest"),
            models.Index(fields=["state", "created_at"], name="run_open", condition=OPEN),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["state"], condition=Q(state="running"), name="one_runs_at_a_time"
            ),
            models.CheckConstraint(
                name="run_has_lease",
                condition=~Q(state="running")
                | Q(lease__isnull=False, lease_expires_at__isnull=False),
            ),
            models.CheckConstraint(
                name="done_run_has_version",
                condition=~Q(state="done") | Q(version__isnull=False, finished_at__isnull=False),
            ),
            models.CheckConstraint(
                name="failed_run_has_code", condition=~Q(state="failed") | ~Q(error_code="")
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The name that its version gets."""
        return f"retrained-{self.created_at:%Y.%m.%d}-{self.pk.hex[:6]}"

    @property
    def is_open(self) -> bool:
        """Whether it still waits or runs."""
        return self.state in (RunState.QUEUED, RunState.RUNNING)

    @property
    def seconds_left(self) -> int | None:
        """An estimate from how long it took so far; None before there is anything to go by."""
        if self.state != RunState.RUNNING or self.started_at is None or self.percent < 3:
            return None
        spent = (timezone.now() - self.started_at).total_seconds()
        return round(spent * (100 - self.percent) / self.percent)
