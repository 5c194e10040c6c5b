"""Pictures of a labelled table, as SVG files; needs matplotlib (the extra ``plots``)."""

from pathlib import Path
from typing import Any

import numpy as np

from training.learning.description import Description
from training.learning.feature_csv import LabelledColumns

COLOURS = {"REAL": "#0072b2", "FAKE": "#d55e00"}
"""Told apart by people with any kind of colour vision (Okabe and Ito)."""
ACROSS = 6


def write_plots(table: LabelledColumns, found: Description, folder: Path) -> list[Path]:
    """Draw class balance and gaps, distributions, correlations and importances.

    Raises
    ------
    ImportError
        matplotlib is not installed.
    """
    import matplotlib

    folder.mkdir(parents=True, exist_ok=True)
    written = []
    # Words stay words, so that they can be searched; the same table gives the same file.
    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": "voicetell"}):
        for name, figure in (
            ("balance", _balance(found)),
            ("distributions", _distributions(table, found)),
            ("correlations", _correlations(found)),
            ("importances", _importances(found)),
        ):
            path = folder / f"{name}.svg"
            figure.savefig(path, metadata={"Date": None})
            written.append(path)
    return written


def _figure(width: float, height: float) -> Any:
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")


def _balance(found: Description) -> Any:
    figure = _figure(9, 4)
    rows, gaps = figure.subplots(1, 2, width_ratios=(1, 3))
    rows.bar(list(found.balance), list(found.balance.values()), color=list(COLOURS.values()))
    rows.set(title="rows of each class")
    gaps.bar(found.columns.index, found.columns["missing"], color="#555555")
    gaps.set(
        title="missing values of each column", ylim=(0, max(1, found.columns["missing"].max()))
    )
    gaps.tick_params(axis="x", rotation=90)
    return figure


def _distributions(table: LabelledColumns, found: Description) -> Any:
    names = list(found.columns.index)
    down = -(-len(names) // ACROSS)
    figure = _figure(2.3 * ACROSS, 1.9 * down)
    places = figure.subplots(down, ACROSS).ravel()
    for place, name in zip(places, names, strict=False):
        values = table.columns[name].to_numpy()
        inside = values[np.isfinite(values)]
        low, high = np.quantile(inside, (0.005, 0.995))
        edges = np.linspace(low, high if high > low else low + 1, 41)
        for label, colour in enumerate(COLOURS.values()):
            place.hist(values[table.fake == label], edges, density=True, alpha=0.55, color=colour)
        place.set_title(name, fontsize=9)
        place.set_yticks([])
        place.tick_params(labelsize=7)
    for place in places[len(names) :]:
        place.remove()
    figure.suptitle("distributions, REAL blue and FAKE orange; the outer 1 % is cut off")
    return figure


def _correlations(found: Description) -> Any:
    figure = _figure(8.5, 7.5)
    place = figure.subplots()
    picture = place.imshow(found.correlations.to_numpy(), cmap="RdBu_r", vmin=-1, vmax=1)
    names = list(found.correlations.index)
    place.set_xticks(range(len(names)), names, rotation=90, fontsize=8)
    place.set_yticks(range(len(names)), names, fontsize=8)
    place.set_title("correlations (Pearson's r)")
    figure.colorbar(picture, ax=place, shrink=0.8)
    return figure


def _importances(found: Description) -> Any:
    ordered = found.columns["importance"].sort_values()
    figure = _figure(7, 0.24 * len(ordered) + 1)
    place = figure.subplots()
    place.barh(ordered.index, ordered, color="#555555")
    place.set(title="accuracy that a forest loses without the column")
    return figure
