"""Samples made of rows of the base table: real features of real clips, without their audio."""

import hashlib
from functools import cache
from pathlib import Path
from uuid import UUID

import numpy as np
from django.conf import settings
from django.utils import timezone

from training.learning.table import FACTS, FeatureTable
from training.models import Extraction, FeatureRows, Label, Origin, Sample, SampleState

ENGINE = "espeak-ng"
"""Left out of the small base table, so that it is a new engine to whoever learns from that."""
TRAINED, TESTED = 320, 160


@cache
def whole_table():
    """The shipped base table, clips as they are."""
    table = FeatureTable.load(settings.BASE_DIR / "fixtures" / "base_features.npz")
    return table.where(table.rows["copy"] == 0)


def engine(name=ENGINE):
    """Rows of one synthesiser."""
    return whole_table().where(whole_table().rows["generator"] == name)


def real():
    """Rows of real clips that the small table lacks."""
    table = whole_table()
    rest = ~table.rows["clip"].isin(small_table().rows["clip"])
    return table.where(rest & (table.rows["label"] == "real") & (table.rows["split"] == "train"))


def known_fakes():
    """Rows of synthetic clips that the small table lacks, of engines and sources that it knows."""
    table, small = whole_table(), small_table().rows
    rest = ~table.rows["clip"].isin(small["clip"]) & (table.rows["split"] == "train")
    known = table.rows["source_repo"].isin(small["source_repo"][small["split"] == "train"])
    return table.where(rest & known & (table.rows["label"] == "fake"))


@cache
def small_table():
    """A few clips of the base table: a run on it takes seconds."""
    table = whole_table()
    order = np.random.default_rng(0).permutation(len(table.rows))
    known = np.asarray(table.rows["generator"] != ENGINE)
    chosen = np.zeros(len(table.rows), dtype=bool)
    for split, count in (("train", TRAINED), ("dev", TESTED)):
        inside = np.asarray(table.rows["split"] == split) & known
        chosen[order[inside[order]][:count]] = True
    return table.where(chosen)


def save_small_table(folder: Path) -> Path:
    """Write it as a file."""
    path = folder / "base.npz"
    small_table().save(path)
    return path


def add_samples(rows: FeatureTable, person, *, count, label=None, start=0, state=None):
    """Make confirmed samples of a table's rows; returns them."""
    state = state or SampleState.CONFIRMED
    decided = (
        {} if state == SampleState.WAITING else {"decided_by": person, "decided_at": timezone.now()}
    )
    made, kept = [], []
    for place in range(start, start + count):
        row = rows.rows.iloc[place]
        sha256 = hashlib.sha256(row["clip"].encode()).hexdigest()
        made.append(
            Sample(
                pk=UUID(sha256[:32]),  # by which it falls on one side of the guard, each time
                added_by=person,
                origin=Origin.UPLOAD,
                name=f"{row['clip']}.flac",
                size=1,
                sha256=sha256,
                container="flac",
                label=label or row["label"],
                generator=row["generator"] if (label or row["label"]) == Label.FAKE else "",
                state=state,
                extraction=Extraction.DONE,
                duration=float(row["seconds"]),
                **decided,
            )
        )
        facts = {"copy": 0, "start": 0.0, **{name: float(row[name]) for name in FACTS}}
        kept.append(
            FeatureRows(
                sha256=sha256,
                schema=rows.schema,
                rows=[facts],
                vectors=rows.features[place].astype("<f4").tobytes(),
            )
        )
    FeatureRows.objects.bulk_create(kept, ignore_conflicts=True)
    return Sample.objects.bulk_create(made)
