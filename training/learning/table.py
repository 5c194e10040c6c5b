"""Feature tables: one row a window of a clip, with where it came from."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from detector.engine import schemas

Features = NDArray[np.float32]
PROVENANCE = ("clip", "split", "label", "task", "generator", "speaker", "language", "source_repo")
FACTS = ("seconds", "level_dbfs", "bandwidth_hz", "clipped_share", "speech_share")
LIMIT = 6.0
STEPS = 64
COPY_STEPS = 16
"""Fewer for augmented copies: they are most of a table, and no finer than their damage."""
UNKNOWN = frozenset({"", "unknown", "none", "nan"})


@dataclass(frozen=True)
class FeatureTable:
    """Windows of labelled clips.

    Attributes
    ----------
    schema : str
    features : ndarray of shape (n, n_columns), float32
    rows : DataFrame
        n rows with the columns `PROVENANCE` (strings, empty where unknown), ``copy`` (0 for the
        clip itself, k for its copy with the k-th of `augmentation.DAMAGES`) and `FACTS`, measured
        of each copy.
    """

    schema: str
    features: Features
    rows: pd.DataFrame

    @property
    def fake(self) -> NDArray[np.int8]:
        """1 for FAKE, 0 for REAL."""
        return np.asarray(self.rows["label"] == "fake", dtype=np.int8)

    def where(self, chosen: NDArray[np.bool_] | pd.Series) -> Self:
        """Return the chosen rows."""
        chosen = np.asarray(chosen)
        rows = self.rows[chosen].reset_index(drop=True)
        return type(self)(self.schema, self.features[chosen], rows)

    def sha256(self) -> str:
        """Fingerprint of the content: the snapshot that a model was trained on."""
        digest = hashlib.sha256(self.schema.encode())
        digest.update(np.ascontiguousarray(self.features, dtype=np.float32).tobytes())
        digest.update(self.rows.to_csv(index=False).encode())
        return digest.hexdigest()

    def save(self, path: Path) -> None:
        """Write as npz without pickles; complete or not at all.

        Each column is held in `STEPS` steps, of augmented copies `COPY_STEPS`, over 6 standard
        deviations around its mean, and outliers are cut, which no detector here tells from the
        exact values (docs/research.md).
        """
        partial = path.with_suffix(".partial.npz")
        mean, spread = self.features.mean(axis=0), self.features.std(axis=0) + 1e-6
        low, step = mean - LIMIT * spread, 2 * LIMIT * spread / (STEPS - 1)
        copy_step = step * (STEPS - 1) / (COPY_STEPS - 1)
        is_copy = np.asarray(self.rows["copy"] > 0)[:, None]
        places = (self.features - low) / np.where(is_copy, copy_step, step)
        highest = np.where(is_copy, COPY_STEPS - 1, STEPS - 1)
        codes = np.clip(np.round(places), 0, highest).astype(np.uint8)
        np.savez_compressed(
            partial,
            allow_pickle=False,
            **{
                "schema": np.array(self.schema),
                "codes": codes,
                "low": low.astype(np.float32),
                "step": step.astype(np.float32),
                "copy_step": copy_step.astype(np.float32),
            },
            **{name: _plain(self.rows[name]) for name in self.rows.columns},
        )
        partial.rename(path)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read what `save` wrote.

        Raises
        ------
        ValueError
            The table's columns are not those of its schema.
        """
        with np.load(path, allow_pickle=False) as arrays:
            data = {name: arrays[name] for name in arrays.files}
        schema = str(data.pop("schema"))
        steps = np.where(data["copy"][:, None] > 0, data.pop("copy_step"), data.pop("step"))
        features = data.pop("codes") * steps + data.pop("low")
        if features.shape[1] != len(schemas.get(schema).columns):
            raise ValueError(f"{path.name} does not hold the columns of schema {schema}")
        rows = pd.DataFrame({name: _strings(values) for name, values in data.items()})
        return cls(schema, features.astype(np.float32), rows)

    @classmethod
    def join(cls, tables: list[Self]) -> Self:
        """Put tables of one schema under one another."""
        features = np.concatenate([table.features for table in tables])
        rows = pd.concat([table.rows for table in tables], ignore_index=True)
        return cls(tables[0].schema, features, rows)


def _plain(values: pd.Series) -> NDArray[np.generic]:
    return np.asarray(values, dtype=np.float32 if values.dtype.kind in "fi" else np.str_)


def _strings(values: NDArray[np.generic]) -> NDArray[np.generic]:
    return values.astype(object) if values.dtype.kind == "U" else values
