"""The team's own samples as a feature table."""

from collections.abc import Iterator
from itertools import islice
from uuid import UUID

import numpy as np
import pandas as pd
from django.db.models import Exists, Func, IntegerField, OuterRef
from numpy.typing import NDArray

from detector.engine import schemas
from training.extracting import stored_features
from training.learning.fitting import OWN
from training.learning.guard import GUARDED_SPLIT, choose_guarded
from training.learning.splits import connected_groups
from training.learning.table import FACTS, FeatureTable
from training.models import FeatureRows, Sample, Snapshot
from training.snapshots import read

BITE = 500
MOST_BYTES = 800_000_000
"""Of own samples' features in memory: of very many samples, each gives fewer windows. A run holds
up to five times as much, for its folds and fits are copies."""


def frozen_samples(snapshot: Snapshot) -> pd.DataFrame:
    """A snapshot's samples with `guarded`: whether they are only tested on."""
    samples = pd.DataFrame(list(read(snapshot)))
    samples["clip"] = samples["id"]
    return samples.assign(guarded=choose_guarded(samples))


def missing_features(snapshot: Snapshot, schema: str) -> Iterator[list[UUID]]:
    """Yield ids of samples that have no rows of the schema yet, some hundred at a time."""
    samples = iter(read(snapshot))
    while bite := list(islice(samples, BITE)):
        if missing := unmeasured([UUID(sample["id"]) for sample in bite], schema):
            yield missing


def unmeasured(samples: list[UUID], schema: str) -> list[UUID]:
    """Return those of the samples that have no rows of the schema."""
    kept = FeatureRows.objects.filter(schema=schema, sha256=OuterRef("sha256"))
    without = Sample.objects.filter(~Exists(kept), pk__in=samples)
    return list(without.values_list("pk", flat=True))


def own_table(samples: pd.DataFrame, schema: str) -> FeatureTable:
    """Read the rows of frozen samples.

    Parameters
    ----------
    samples : DataFrame
        As of `frozen_samples`, none of them without rows of the schema.

    Returns
    -------
    FeatureTable
        Guarded samples give the rows of their audio alone, the others those of augmented copies
        too. The source of a row is all that shares a recording or a source with it.
    """
    columns = len(schemas.get(schema).columns)
    each = max(1, MOST_BYTES // (4 * columns) // max(1, len(samples)))
    features = np.empty((_count(samples, schema, each), columns), dtype=np.float32)
    place_of = {sha256: place for place, sha256 in enumerate(samples["sha256"])}
    guarded = samples["guarded"].to_numpy(dtype=bool)
    owners: list[int] = []
    facts: list[list[float]] = []
    for place, kept in _kept(samples, schema, place_of):
        chosen = _chosen(kept, each, only_audio=bool(guarded[place]))
        start = len(owners)
        features[start : start + len(chosen)] = stored_features(kept)[chosen]
        owners += [place] * len(chosen)
        facts += [[kept.rows[k][name] for name in ("copy", *FACTS)] for k in chosen]
    rows = _provenance(samples).iloc[owners].reset_index(drop=True)
    measured = pd.DataFrame(facts, columns=["copy", *FACTS], dtype=np.float32)
    return FeatureTable(schema, features[: len(owners)], pd.concat([rows, measured], axis=1))


def _kept(
    samples: pd.DataFrame, schema: str, place_of: dict[str, int]
) -> Iterator[tuple[int, FeatureRows]]:
    """Rows of all samples, in the samples' order."""
    for begin in range(0, len(samples), BITE):
        bite = list(samples["sha256"][begin : begin + BITE])
        found = {
            kept.sha256: kept for kept in FeatureRows.objects.filter(schema=schema, sha256__in=bite)
        }
        for sha256 in bite:
            yield place_of[sha256], found[sha256]


def _count(samples: pd.DataFrame, schema: str, each: int) -> int:
    total = 0
    for begin in range(0, len(samples), BITE):
        bite = list(samples["sha256"][begin : begin + BITE])
        length = Func("rows", function="jsonb_array_length", output_field=IntegerField())
        counts = (
            FeatureRows.objects.filter(schema=schema, sha256__in=bite)
            .annotate(length=length)
            .values_list("length", flat=True)
        )
        total += sum(min(count, each) for count in counts)
    return total


def _chosen(kept: FeatureRows, most: int, *, only_audio: bool) -> NDArray[np.intp]:
    """Places of rows to take, spread evenly."""
    places = np.array(
        [k for k, row in enumerate(kept.rows) if row["copy"] == 0 or not only_audio], dtype=np.intp
    )
    spread = np.linspace(0, len(places) - 1, min(most, len(places))).round().astype(np.intp)
    return places[np.unique(spread)]


def _provenance(samples: pd.DataFrame) -> pd.DataFrame:
    group = connected_groups(samples, ("recording", "source"))
    _, first = np.unique(group, return_index=True)
    return pd.DataFrame(
        {
            "clip": samples["id"],
            "split": np.where(samples["guarded"], GUARDED_SPLIT, "train"),
            "label": samples["label"],
            "task": "",
            "generator": samples["generator"],
            "speaker": samples["speaker"],
            "language": samples["language"],
            "source_repo": OWN + samples["id"].to_numpy(dtype=object)[first][group],
        }
    )
