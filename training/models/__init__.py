"""What the training centre keeps."""

from training.models.archives import Answer, Archive, ArchivedFile, ArchiveState
from training.models.opinions import Rejudging, RejudgingState, SecondOpinion
from training.models.registry import AliasName, GateReport, ModelAlias, ModelVersion
from training.models.runs import (
    ModelType,
    PromotePolicy,
    RunState,
    SearchSize,
    Snapshot,
    TrainingRun,
)
from training.models.samples import (
    Extraction,
    FeatureRows,
    Fingerprint,
    Label,
    Origin,
    Sample,
    SampleOpinion,
    SampleState,
)

__all__ = [
    "AliasName",
    "Answer",
    "Archive",
    "ArchiveState",
    "ArchivedFile",
    "Extraction",
    "FeatureRows",
    "Fingerprint",
    "GateReport",
    "Label",
    "ModelAlias",
    "ModelType",
    "ModelVersion",
    "Origin",
    "PromotePolicy",
    "Rejudging",
    "RejudgingState",
    "RunState",
    "Sample",
    "SampleOpinion",
    "SampleState",
    "SearchSize",
    "SecondOpinion",
    "Snapshot",
    "TrainingRun",
]
