"""The shape of training runs. Field names are a promise: they are only ever added."""

from typing import Any

from drf_spectacular.utils import extend_schema_field, inline_serializer
from rest_framework import serializers
from rest_framework.reverse import reverse

from detector.api.problems import problem_body
from detector.api.serializers.problems import Fault
from training.models import ModelType, PromotePolicy, SearchSize, TrainingRun
from training.steps import STEPS


class RunRequest(serializers.Serializer[Any]):
    """What `/retrain` reads; all of it may be left out."""

    include_original_data = serializers.BooleanField(
        default=True, help_text="Learn from the base corpus's feature table too."
    )
    model_type = serializers.ChoiceField(
        ModelType.choices, default=ModelType.AUTO, help_text="`auto` tries them all."
    )
    search_size = serializers.ChoiceField(SearchSize.choices, default=SearchSize.NORMAL)
    target_fpr = serializers.FloatField(
        default=0.02,
        min_value=0.001,
        max_value=0.2,
        help_text="Largest share of real clips that may be called FAKE.",
    )
    promote_policy = serializers.ChoiceField(PromotePolicy.choices, default=PromotePolicy.NEVER)
    seed = serializers.IntegerField(default=1, min_value=0, max_value=2**31 - 1)


class RunSummary(serializers.ModelSerializer[TrainingRun]):
    """A training run."""

    started_by = serializers.EmailField(source="started_by.email")
    include_original_data = serializers.SerializerMethodField()
    samples = serializers.SerializerMethodField(help_text="The team's own, by label.")
    snapshot_sha256 = serializers.CharField(source="snapshot.sha256")
    step = serializers.ChoiceField(list(STEPS), allow_null=True, help_text="What it is at.")
    seconds_left = serializers.IntegerField(
        allow_null=True, help_text="An estimate by how long it took so far."
    )
    version = serializers.SerializerMethodField(help_text="Name of the version it made, or null.")
    gate_passed = serializers.SerializerMethodField(help_text="Null where nothing was compared.")
    error = serializers.SerializerMethodField(help_text="Why it failed, or null.")
    links = serializers.SerializerMethodField()

    class Meta:
        model = TrainingRun
        fields: tuple[str, ...] = (
            "id",
            "name",
            "state",
            "step",
            "percent",
            "seconds_left",
            "model_type",
            "search_size",
            "target_fpr",
            "promote_policy",
            "seed",
            "include_original_data",
            "samples",
            "snapshot_sha256",
            "started_by",
            "attempts",
            "created_at",
            "started_at",
            "finished_at",
            "version",
            "gate_passed",
            "error",
            "links",
        )

    def to_representation(self, instance: TrainingRun) -> dict[str, Any]:
        """Write null where no step was begun."""
        written: dict[str, Any] = super().to_representation(instance)
        return written | {"step": instance.step or None}

    def get_include_original_data(self, run: TrainingRun) -> bool:
        """Whether the base table takes part."""
        return bool(run.snapshot.base_sha256)

    @extend_schema_field(
        inline_serializer(
            "RunSamples", {"REAL": serializers.IntegerField(), "FAKE": serializers.IntegerField()}
        )
    )
    def get_samples(self, run: TrainingRun) -> dict[str, int]:
        """Count the snapshot's samples."""
        return {"REAL": run.snapshot.real, "FAKE": run.snapshot.fake}

    def get_version(self, run: TrainingRun) -> str | None:
        """Name the version."""
        return run.version.name if run.version else None

    def get_gate_passed(self, run: TrainingRun) -> bool | None:
        """Say what the gate said."""
        return run.gate.passed if run.gate else None

    @extend_schema_field(Fault(allow_null=True))
    def get_error(self, run: TrainingRun) -> dict[str, Any] | None:
        """Say in words why it failed."""
        return problem_body(run.error_code, run.error_params) if run.error_code else None

    @extend_schema_field(
        inline_serializer(
            "RunLinks", {"self": serializers.URLField(), "cancel": serializers.URLField()}
        )
    )
    def get_links(self, run: TrainingRun) -> dict[str, str]:
        """Say where it is."""
        request = self.context.get("request")
        return {
            "self": reverse("training-api:run", [run.pk], request=request),
            "cancel": reverse("training-api:cancel-run", [run.pk], request=request),
        }


class LogEntry(serializers.Serializer[Any]):
    """A line of a run's log."""

    at = serializers.DateTimeField()
    text = serializers.CharField()


class GateCheck(serializers.Serializer[Any]):
    """One guarded figure of champion and challenger; less is better."""

    figure = serializers.CharField()
    slice = serializers.CharField(allow_blank=True, help_text="Empty for all clips.")
    clips = serializers.IntegerField()
    groups = serializers.IntegerField()
    champion = serializers.FloatField(allow_null=True)
    challenger = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True, help_text="95 % interval of the difference.")
    high = serializers.FloatField(allow_null=True)
    p = serializers.FloatField()
    worse = serializers.BooleanField()


class RunGate(serializers.Serializer[Any]):
    """What the promotion gate found."""

    passed = serializers.BooleanField()
    champion = serializers.CharField(source="champion.name")
    clips = serializers.IntegerField()
    checks = GateCheck(many=True)


class RunBody(RunSummary):
    """A training run with its log, its evaluation and the gate's checks."""

    log = LogEntry(many=True)
    gate = RunGate(allow_null=True)
    metrics = serializers.SerializerMethodField(
        help_text="Figures on the guarded test set with intervals and slices, or null."
    )
    protocol = serializers.SerializerMethodField(
        help_text="The search, the outer folds, and the leaky figure of random folds, or null."
    )

    class Meta(RunSummary.Meta):
        fields: tuple[str, ...] = (
            *RunSummary.Meta.fields,
            "log",
            "gate",
            "metrics",
            "protocol",
        )

    def get_metrics(self, run: TrainingRun) -> dict[str, Any] | None:
        """Read them from the version's manifest."""
        return run.version.manifest["metrics"] if run.version else None

    def get_protocol(self, run: TrainingRun) -> dict[str, Any] | None:
        """Read it from the version's manifest."""
        return run.version.manifest["protocol"] if run.version else None


class RetrainStatus(serializers.Serializer[Any]):
    """How training stands: the run that runs, else the next, else the last."""

    status = serializers.ChoiceField(
        ["idle", "queued", "training", "completed", "failed", "cancelled"]
    )
    is_training = serializers.BooleanField()
    progress = serializers.IntegerField(help_text="Percent.")
    message = serializers.CharField()
    waiting = serializers.IntegerField(help_text="Runs that wait before it.")
    new_files = inline_serializer(
        "TrainableSamples",
        {
            "REAL": serializers.IntegerField(),
            "FAKE": serializers.IntegerField(),
            "total": serializers.IntegerField(),
        },
        help_text="Samples that would train if a run started now.",
    )
    run = RunSummary(allow_null=True)
