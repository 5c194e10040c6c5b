"""Reads: which model version answers to which name."""

from uuid import UUID

from django.db.models import Q

from training.models import AliasName, ModelAlias, ModelVersion


def version_for(alias: str = AliasName.CHAMPION) -> ModelVersion | None:
    """Return the version that an alias points at, or None where it points nowhere."""
    # The manifest is 40 kB: it is fetched when it is looked at.
    return ModelVersion.objects.filter(aliases__name=alias).defer("manifest").first()


def version_id_for(alias: str) -> UUID | None:
    """Return the id of the version that an alias points at, for who asks with every clip."""
    aliases = ModelAlias.objects.filter(name=alias)
    return next(iter(aliases.values_list("version_id", flat=True)), None)


def find_version(name: str) -> ModelVersion | None:
    """Return the version of this name or alias, or None; a name goes before an alias."""
    named = ModelVersion.objects.filter(Q(name=name) | Q(aliases__name=name)).defer("manifest")
    return min(named, key=lambda version: version.name != name, default=None)


def versions_by_name() -> list[ModelVersion]:
    """Return all versions without their manifests, the newest first."""
    return list(ModelVersion.objects.defer("manifest"))
