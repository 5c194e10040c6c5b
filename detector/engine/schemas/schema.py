"""What a feature schema is."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Self

import numpy as np
from numpy.typing import NDArray


class SchemaError(Exception):
    """A schema that exists but cannot be used here, and what to do about it in words."""


Windows = Sequence[tuple[int, int]]
"""Windows of a clip as (start, stop), in samples."""


@dataclass(frozen=True)
class Schema:
    """A named, versioned, pure function from 16 kHz mono samples to named columns.

    A name never changes its meaning: other columns, or other values of them, are another schema.
    """

    name: str
    columns: tuple[str, ...]
    families: Mapping[str, slice]
    """Groups of columns, in the field's words. Together they are all columns, in order."""
    function: Callable[[NDArray[np.float32], Windows], NDArray[np.float32]]
    bands: Mapping[tuple[int, int], tuple[int, ...]] = field(default_factory=dict)
    """Columns that hear nothing outside of a band, by its ends in Hz; most columns hear it all."""

    @classmethod
    def of_families(
        cls,
        name: str,
        families: Mapping[str, Sequence[str]],
        function: Callable[[NDArray[np.float32], Windows], NDArray[np.float32]],
        band_of: Callable[[str], tuple[int, int] | None] = lambda _: None,
    ) -> Self:
        """Make a schema of its families' columns, in their order, and find those of one band."""
        ends = [0, *accumulate(len(columns) for columns in families.values())]
        slices = {family: slice(*ends[i : i + 2]) for i, family in enumerate(families)}
        columns = tuple(column for columns in families.values() for column in columns)
        bands: dict[tuple[int, int], tuple[int, ...]] = {}
        for place, column in enumerate(columns):
            if band := band_of(column):
                bands[band] = (*bands.get(band, ()), place)
        return cls(name, columns, slices, function, dict(sorted(bands.items())))

    def compute(self, samples: NDArray[np.float32], windows: Windows) -> NDArray[np.float32]:
        """Compute the columns of each window of a clip.

        Parameters
        ----------
        samples : ndarray of shape (n_samples,)
            The clip: mono, float32, 16 kHz.
        windows : sequence of (start, stop)
            In samples, 0 <= start < stop <= n_samples. What overlapping windows share may be
            computed once; each row is that of the window alone, up to rounding.

        Returns
        -------
        ndarray of shape (n_windows, n_columns), float32
            Finite for every finite input, silence included.
        """
        if not windows:
            return np.empty((0, len(self.columns)), dtype=np.float32)
        return self.function(np.ascontiguousarray(samples, dtype=np.float32), windows)
