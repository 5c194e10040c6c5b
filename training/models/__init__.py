"""What the training centre keeps."""

from training.models.registry import AliasName, ModelAlias, ModelVersion
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
    "Label",
    "ModelAlias",
    "ModelVersion",
    "Origin",
    "Sample",
    "SampleOpinion",
    "SampleState",
]
