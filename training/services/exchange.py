"""A model version as one file: written for another site, read from one and trusted in nothing."""

import hashlib
import json
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.files import File
from django.db import transaction

from accounts.models import User
from accounts.services import record
from training.models import ModelVersion
from training.services.registry import BundleError, register_version

MANIFEST, ARTIFACT = "manifest.json", "model.skops"
MOST_BYTES = {MANIFEST: 16 * 1024**2, ARTIFACT: 256 * 1024**2}
"""What a file of a version holds, and how large each part may be once unpacked."""

INSPECTION_SECONDS = 120
_SAME_ALWAYS = (2000, 1, 1, 0, 0, 0)


def export_version(*, version: ModelVersion, actor: User | None) -> IO[bytes]:
    """Write a version as one ZIP file; the same version gives the same bytes.

    Raises
    ------
    BundleError
        The stored artifact is missing or not the registered one.
    """
    try:
        with version.artifact.storage.open(str(version.artifact.name)) as file:
            artifact: bytes = file.read()
    except OSError as error:
        raise BundleError(f"{version.name}: its artifact is missing") from error
    if hashlib.sha256(artifact).hexdigest() != version.artifact_sha256:
        raise BundleError(f"{version.name}: its artifact was changed")
    manifest = json.dumps(version.manifest, indent=1, ensure_ascii=False, sort_keys=True)
    written = tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in ((MANIFEST, manifest.encode()), (ARTIFACT, artifact)):
            entry = zipfile.ZipInfo(name, date_time=_SAME_ALWAYS)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    written.seek(0)
    record(actor=actor, action="version.exported", target=version.name)
    return written


def import_version(*, file: "File[bytes]", actor: User | None) -> ModelVersion:
    """Check a file that `export_version` wrote, and register the version that is in it.

    The artifact is examined, and only then loaded, in a process of its own. The same version is
    not registered twice.

    Raises
    ------
    BundleError
        What is wrong with it; nothing has been kept then.
    """
    with tempfile.TemporaryDirectory(prefix="voicetell-import-") as folder:
        _unpack(file, Path(folder))
        types = _inspect(Path(folder))
        with transaction.atomic():
            version = register_version(bundle=Path(folder), actor=actor)
            record(
                actor=actor,
                action="version.imported",
                target=version.name,
                details={"types": types, "sha256": version.artifact_sha256},
            )
    return version


def _unpack(file: "File[bytes]", folder: Path) -> None:
    """Write the parts into the folder; names come from us, sizes are counted while unpacking."""
    try:
        with zipfile.ZipFile(file) as archive:
            names = {entry.filename for entry in archive.infolist()}
            if names != set(MOST_BYTES):
                raise BundleError("it holds other files than an exported version does")
            for name in names:
                with archive.open(name) as part:
                    content = part.read(MOST_BYTES[name] + 1)
                if len(content) > MOST_BYTES[name]:
                    raise BundleError(f"{name} in it is too large")
                (folder / name).write_bytes(content)
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError) as error:
        raise BundleError(f"it is no ZIP file that can be read: {error}") from error


def _inspect(folder: Path) -> list[str]:
    argv = [sys.executable, "-m", "training.learning.inspection", str(folder)]
    # No secret of ours is in its environment.
    env = {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "OMP_NUM_THREADS": "1"}
    try:
        child = subprocess.run(  # noqa: S603 - nothing in it comes from outside
            argv,
            cwd=settings.BASE_DIR,
            env=env | {"OPENBLAS_NUM_THREADS": "1"},
            capture_output=True,
            timeout=INSPECTION_SECONDS,
            check=True,
        )
        found: dict[str, Any] = json.loads(child.stdout)
    except (subprocess.SubprocessError, ValueError) as error:
        raise BundleError("examining it ended badly, so it is not used") from error
    if "error" in found:
        raise BundleError(found["error"])
    return list(found["types"])
