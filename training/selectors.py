"""Reads: which model version answers to which name."""

from training.models import AliasName, ModelVersion


def version_for(alias: str = AliasName.CHAMPION) -> ModelVersion | None:
    """Return the version that an alias points at, or None where it points nowhere."""
    return ModelVersion.objects.filter(aliases__name=alias).first()
