"""Feature tables in circulation: a CSV with the columns of `deepvoice-26` and a LABEL."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from detector.engine import schemas
from detector.engine.types import SAMPLE_RATE

SCHEMA = "deepvoice-26"
LABEL = "LABEL"
IN_HERTZ = ("spectral_centroid", "spectral_bandwidth", "rolloff")


@dataclass(frozen=True)
class LabelledColumns:
    """A table without recordings: `columns` as read, gaps included, and 1 for FAKE, 0 for REAL."""

    columns: pd.DataFrame
    fake: NDArray[np.int8]

    @property
    def missing(self) -> pd.Series:
        """Values of each column that are not there or not finite."""
        return (~np.isfinite(self.columns)).sum()

    @property
    def foreign_rate_columns(self) -> list[str]:
        """Columns with frequencies that audio at the engine's rate cannot hold."""
        highest = self.columns[list(IN_HERTZ)].max()
        return [name for name in IN_HERTZ if highest[name] > SAMPLE_RATE / 2]

    def complete(self) -> NDArray[np.float64]:
        """Return the values, shape (n, 26).

        Raises
        ------
        ValueError
            Values are missing: what to put there is not for a program to guess.
        """
        gaps = int(self.missing.sum())
        if gaps:
            raise ValueError(f"{gaps} values are missing or not finite; `analyze` shows where")
        return np.asarray(self.columns, dtype=np.float64)


def read_feature_csv(path: Path) -> LabelledColumns:
    """Read a table with the 26 columns, in any order, and LABEL (REAL or FAKE, in any case).

    Raises
    ------
    ValueError
        A column is missing or holds text, a label is neither REAL nor FAKE, or a class is absent.
    """
    rows = pd.read_csv(path)
    wanted = schemas.get(SCHEMA).columns
    lacking = [name for name in (*wanted, LABEL) if name not in rows]
    if lacking:
        raise ValueError(f"{path.name} lacks the column {', '.join(lacking)}")
    columns = rows[list(wanted)]
    text = [name for name in wanted if columns[name].dtype.kind not in "fiu"]
    if text:
        raise ValueError(f"{path.name} holds text in the column {', '.join(text)}")
    labels = rows[LABEL].astype(str).str.strip().str.upper()
    strange = sorted(set(labels) - {"REAL", "FAKE"})
    if strange:
        raise ValueError(f"labels are REAL or FAKE, not {', '.join(strange[:5])}")
    if labels.nunique() < 2:
        raise ValueError(f"{path.name} holds one class only")
    return LabelledColumns(columns.astype(np.float64), np.asarray(labels == "FAKE", dtype=np.int8))
