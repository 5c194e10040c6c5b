"""What the training centre keeps."""

from training.models.opinions import Rejudging, RejudgingState, SecondOpinion
from training.models.registry import AliasName, GateReport, ModelAlias, ModelVersion
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
    "Extraction",
    "FeatureRows",
    "Fingerprint",
    "GateReport",
    "Label",
    "ModelAlias",
    "ModelVersion",
    "Origin",
    "Rejudging",
    "RejudgingState",
    "Sample",
    "SampleOpinion",
    "SampleState",
    "SecondOpinion",
]
