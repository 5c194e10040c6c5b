"""Clips, predictions, samples and everything about models in the panel."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.paginator import InfinitePaginator

from config.panel.base import ReadOnlyAdmin
from detector.models import Clip, Prediction, Status
from training.models import (
    GateReport,
    ModelAlias,
    ModelVersion,
    Rejudging,
    Sample,
    SecondOpinion,
    TrainingRun,
)
from training.steps import STEPS

VERDICTS = {"FAKE": "danger", "REAL": "success", "INCONCLUSIVE": "warning"}
STATES = dict.fromkeys(Status.values, "") | {
    Status.DONE: "success",
    Status.FAILED: "danger",
    Status.RUNNING: "info",
}


class LongList(ReadOnlyAdmin):
    """A list too long to be counted for each page of it."""

    paginator = InfinitePaginator
    show_full_result_count = False


class ClipAdmin(LongList):
    """Uploaded files; their audio is their owners' alone."""

    list_display = ("name", "owner", "container", "size_shown", "created_at", "deleted_at")
    ordering = ("-created_at", "-id")
    list_filter = ("container", "created_at")
    search_fields = ("name__startswith", "sha256__exact")
    list_select_related = ("owner",)
    exclude = ("audio",)

    @admin.display(description=_("size"), ordering="size")
    def size_shown(self, clip: Clip) -> str:
        """Show the size to be read."""
        return filesizeformat(clip.size)


class PredictionAdmin(LongList):
    """Every judgement: also the list of jobs, by status."""

    list_display = (
        "clip",
        "owner",
        "state",
        "verdict_shown",
        "probability_shown",
        "version",
        "created_at",
    )
    ordering = ("-created_at", "-id")
    list_filter = ("status", "verdict", "created_at")
    search_fields = ("clip__name__startswith", "clip__sha256__exact")
    list_select_related = ("clip", "owner", "model_version")
    exclude = ("lease", "segments", "explanation")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Prediction]:
        """Leave the long columns in the database."""
        long = ("segments", "reasons", "quality", "timings", "clip__facts")
        found: QuerySet[Prediction] = super().get_queryset(request)
        return found.defer(*long, "model_version__manifest")

    @display(description=_("state"), label=STATES)
    def state(self, prediction: Prediction) -> tuple[str, str]:
        """Show the state as a coloured word."""
        return prediction.status, prediction.get_status_display()

    @display(description=_("verdict"), label=VERDICTS)
    def verdict_shown(self, prediction: Prediction) -> str:
        """Show the verdict as a coloured word."""
        return prediction.verdict

    @admin.display(
        description=_("probability of synthetic"), ordering="probability", empty_value="-"
    )
    def probability_shown(self, prediction: Prediction) -> str | None:
        """Show as many decimals as say something."""
        return None if prediction.probability is None else f"{prediction.probability:.3f}"

    @admin.display(description=_("model version"))
    def version(self, prediction: Prediction) -> str:
        """Name the version that judged."""
        return prediction.model_version.name if prediction.model_version else ""


class SampleAdmin(LongList):
    """Labelled clips; they are reviewed in the training centre."""

    list_display = ("name", "label", "state", "extraction", "language", "added_by", "created_at")
    list_filter = ("state", "label", "extraction", "origin")
    search_fields = ("name__startswith", "sha256__exact")
    list_select_related = ("added_by",)
    exclude = ("audio", "lease")


class TrainingRunAdmin(ReadOnlyAdmin):
    """Training runs; they are started from the panel's Retrain page."""

    list_display = (
        "name",
        "state",
        "step_shown",
        "percent",
        "model_type",
        "started_by",
        "created_at",
    )
    list_filter = ("state", "model_type")
    list_select_related = ("started_by",)
    exclude = ("log", "lease")

    def get_queryset(self, request: HttpRequest) -> QuerySet[TrainingRun]:
        """Leave the logs in the database."""
        found: QuerySet[TrainingRun] = super().get_queryset(request)
        return found.defer("log")

    @admin.display(description=_("name"), ordering="created_at")
    def name(self, run: TrainingRun) -> str:
        """Show the name that its version gets."""
        return run.name

    @admin.display(description=_("step"))
    def step_shown(self, run: TrainingRun) -> str | Promise:
        """Say what it is at."""
        return STEPS[run.step][0] if run.step in STEPS else run.step


class ModelVersionAdmin(ReadOnlyAdmin):
    """Model versions; they never change."""

    list_display = ("name", "schema", "created_at", "page")
    search_fields = ("name",)
    fields = ("name", "schema", "artifact_sha256", "created_at", "page")

    def get_queryset(self, request: HttpRequest) -> QuerySet[ModelVersion]:
        """Leave the manifests in the database."""
        found: QuerySet[ModelVersion] = super().get_queryset(request)
        return found.defer("manifest")

    @admin.display(description=_("figures"))
    def page(self, version: ModelVersion) -> str:
        """Lead to the version's page in the training centre."""
        address = reverse("training:version", args=[version.pk])
        return format_html('<a href="{}">{}</a>', address, gettext("figures, promotion, export"))


class ModelAliasAdmin(ReadOnlyAdmin):
    """Which version is champion, challenger, former champion."""

    list_display = ("name", "version", "moved_at")
    list_select_related = ("version",)


class GateReportAdmin(ReadOnlyAdmin):
    """What the promotion gate found."""

    list_display = ("version", "champion", "passed", "clips", "created_at")
    list_select_related = ("version", "champion")


class RejudgingAdmin(ReadOnlyAdmin):
    """History that another version looks at again."""

    list_display = ("version", "requested_by", "state", "done", "total", "created_at")
    list_filter = ("state",)
    list_select_related = ("version", "requested_by")


class SecondOpinionAdmin(LongList):
    """What other versions said of judged clips."""

    list_display = ("version", "prediction", "verdict", "probability", "error_code", "created_at")
    list_filter = ("verdict", "version")
    list_select_related = ("version", "prediction__clip")


def register() -> None:
    """Show these."""
    admin.site.register(Clip, ClipAdmin)
    admin.site.register(Prediction, PredictionAdmin)
    admin.site.register(Sample, SampleAdmin)
    admin.site.register(TrainingRun, TrainingRunAdmin)
    admin.site.register(ModelVersion, ModelVersionAdmin)
    admin.site.register(ModelAlias, ModelAliasAdmin)
    admin.site.register(GateReport, GateReportAdmin)
    admin.site.register(Rejudging, RejudgingAdmin)
    admin.site.register(SecondOpinion, SecondOpinionAdmin)
