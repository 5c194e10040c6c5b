"""Freezing the samples that a run learns from, and reading them again.

A snapshot is a gzipped file of JSON lines, one a sample in order of arrival, streamed both ways:
what it takes does not grow with the number of samples.
"""

import gzip
import hashlib
import json
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryFile

from django.conf import settings
from django.core.files import File
from django.db import transaction

from training.models import Snapshot
from training.selectors.samples import trainable

FIELDS = ("id", "sha256", "label", "recording", "source", "speaker", "generator", "language")
BITE = 2000


def freeze(*, include_original_data: bool) -> Snapshot:
    """Freeze the samples that may train now; an equal list is the snapshot that exists."""
    base = _base_sha256() if include_original_data else ""
    digest = hashlib.sha256(base.encode())
    count = {"real": 0, "fake": 0}
    with TemporaryFile() as content:
        with gzip.GzipFile(fileobj=content, mode="wb", mtime=0, compresslevel=1) as packed:
            rows = trainable().order_by("created_at", "id").values_list(*FIELDS)
            for row in rows.iterator(chunk_size=BITE):
                line = json.dumps([str(value) for value in row]).encode() + b"\n"
                digest.update(line)
                packed.write(line)
                count[row[2]] += 1
        existing = Snapshot.objects.filter(sha256=digest.hexdigest()).first()
        if existing:
            return existing
        content.seek(0)
        snapshot = Snapshot(sha256=digest.hexdigest(), base_sha256=base, **count)
        snapshot.items.save(f"{snapshot.sha256}.jsonl.gz", File(content), save=False)
    with transaction.atomic():
        snapshot.save()
    return snapshot


def read(snapshot: Snapshot) -> Iterator[dict[str, str]]:
    """Yield a snapshot's samples, in order of their arrival."""
    with snapshot.items.open("rb") as packed, gzip.open(packed, "rt") as lines:
        for line in lines:
            yield dict(zip(FIELDS, json.loads(line), strict=True))


def _base_sha256() -> str:
    path = Path(settings.BASE_TABLE)
    return _sha256_of(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=1)
def _sha256_of(path: Path, changed: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
