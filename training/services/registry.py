"""Writes: registering versions and moving aliases."""

import hashlib
import json
from pathlib import Path

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.services import record
from training import events
from training.models import AliasName, ModelAlias, ModelVersion


class BundleError(Exception):
    """A model bundle that cannot be registered."""


@transaction.atomic
def register_version(*, bundle: Path, actor: User | None = None) -> ModelVersion:
    """Copy a bundle (``manifest.json`` and ``model.skops``) into storage and add its row.

    A version of the same name and content is returned as it is.

    Raises
    ------
    BundleError
        If the artifact does not match its manifest, or the name is taken by other content.
    """
    manifest = json.loads((bundle / "manifest.json").read_text())
    artifact = (bundle / "model.skops").read_bytes()
    sha256 = hashlib.sha256(artifact).hexdigest()
    name = manifest["name"]
    if sha256 != manifest["artifact_sha256"]:
        raise BundleError(f"{name}: model.skops is not the file that manifest.json describes")
    existing = ModelVersion.objects.filter(name=name).first()
    if existing:
        if existing.artifact_sha256 != sha256 or existing.manifest != manifest:
            raise BundleError(f"{name} is registered with other content; versions never change")
        return existing
    version = ModelVersion(
        name=name, schema=manifest["schema"], artifact_sha256=sha256, manifest=manifest
    )
    version.artifact.save(f"{sha256}.skops", ContentFile(artifact), save=False)
    version.full_clean()
    version.save()
    record(actor=actor, action="version.registered", target=name)
    return version


@transaction.atomic
def promote(*, version: ModelVersion, actor: User | None = None, reason: str = "") -> None:
    """Make a version the champion; the former champion becomes `previous`."""
    champion = ModelAlias.objects.select_for_update().filter(name=AliasName.CHAMPION).first()
    if champion and champion.version_id == version.pk:
        return
    if champion:
        point(AliasName.PREVIOUS, champion.version)
    point(AliasName.CHAMPION, version)
    record(
        actor=actor,
        action="version.promoted",
        target=version.name,
        details={"reason": reason, "from": champion.version.name if champion else None},
    )
    events.version_promoted(version, former=champion.version if champion else None, reason=reason)


def point(name: str, version: ModelVersion) -> None:
    """Let an alias point at a version."""
    ModelAlias.objects.update_or_create(
        name=name, defaults={"version": version, "moved_at": timezone.now()}
    )
