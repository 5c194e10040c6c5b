"""Reads: which model version answers to which name."""

from training.models import AliasName, ModelVersion


def version_for(alias: str = AliasName.CHAMPION) -> ModelVersion | None:
    """Return the version that an alias points at, or None where it points nowhere."""
    # A worker asks with every clip, and the manifest is 40 kB: it is fetched when it is looked at.
    return ModelVersion.objects.filter(aliases__name=alias).defer("manifest").first()
