"""Writing a model version as a bundle: ``model.skops``, ``manifest.json`` and ``CARD.md``."""

import hashlib
import json
import os
import re
import shutil
import tempfile
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from skops import io as skops_io

from detector.engine.model import ARTIFACT, FORMAT, MANIFEST, Calibration, Model, columns_sha256
from detector.engine.schemas import get
from training.learning.card import card_text

CARD = "CARD.md"
_SCHEMA = "schema.json"
_PLACE = re.compile(r'("(?:__id__": |file": "))(\d+)')
"""Where skops writes of a part at which address it was in memory."""

LIBRARIES = ("numpy", "scipy", "scikit-learn", "skops")


def make_manifest(
    artifact: bytes,
    *,
    name: str,
    schema: str,
    model_type: str,
    calibration: Calibration,
    threshold: float,
    real_threshold: float,
    reference: Mapping[str, Any],
    seed: int,
    snapshot_sha256: str,
) -> dict[str, Any]:
    """Describe an artifact; `metrics`, `evidence` and `card` are empty until it has been evaluated.

    `model_type` is the kind of classifier: ``random_forest``, ``neural_networks`` and so on.
    """
    return {
        "format": FORMAT,
        "name": name,
        "model_type": model_type,
        "schema": schema,
        "columns_sha256": columns_sha256(get(schema)),
        "artifact_sha256": hashlib.sha256(artifact).hexdigest(),
        "calibration": {
            field: getattr(calibration, field) for field in Calibration.__dataclass_fields__
        },
        "threshold": threshold,
        "real_threshold": real_threshold,
        "operating_points": [],
        "reference": dict(reference),
        "metrics": {},
        "evidence": {},
        "card": {},
        "seed": seed,
        "snapshot_sha256": snapshot_sha256,
        "libraries": {library: version(library) for library in LIBRARIES},
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def dump(pipeline: Any) -> bytes:
    """Serialise a fitted pipeline in skops's format, which holds no code.

    The same pipeline gives the same bytes: skops names its parts by their places in memory, which
    are numbered here instead, and a zip archive holds times, which are left out.
    """
    written = zipfile.ZipFile(BytesIO(skops_io.dumps(pipeline)))
    numbers: dict[str, str] = {}
    schema = _PLACE.sub(
        lambda found: found[1] + numbers.setdefault(found[2], str(len(numbers))),
        written.read(_SCHEMA).decode(),
    )
    content = BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(_undated(_SCHEMA), schema)
        parts = {name.partition(".") for name in written.namelist() if name != _SCHEMA}
        for place, dot, ending in sorted(parts, key=lambda part: int(numbers[part[0]])):
            name = f"{numbers[place]}{dot}{ending}"
            archive.writestr(_undated(name), written.read(f"{place}{dot}{ending}"))
    return content.getvalue()


def _undated(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name)
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def write_bundle(folder: Path, artifact: bytes, manifest: Mapping[str, Any]) -> None:
    """Write a bundle, complete or not at all: under a temporary name, checked, then renamed.

    Raises
    ------
    BundleError
        What was written could not be loaded again; nothing has changed then.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        (partial / ARTIFACT).write_bytes(artifact)
        text = json.dumps(rounded(manifest), indent=1, ensure_ascii=False, allow_nan=False)
        (partial / MANIFEST).write_text(text + "\n")
        (partial / CARD).write_text(card_text(manifest))
        Model.load_bundle(partial)
        partial.chmod(0o755)
        if folder.exists():
            former = folder.with_name(f".{folder.name}-{os.getpid()}")
            folder.rename(former)
            partial.rename(folder)
            shutil.rmtree(former)
        else:
            partial.rename(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def rounded(value: Any, digits: int = 6) -> Any:
    """Round all floats to significant digits, and turn what is not finite into None."""
    if isinstance(value, Mapping):
        return {key: rounded(item, digits) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(item, digits) for item in value]
    if isinstance(value, float | np.floating):
        return float(f"{value:.{digits}g}") if np.isfinite(value) else None
    return value
