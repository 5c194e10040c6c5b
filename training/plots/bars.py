"""Plots with areas: histograms of scores, confusion matrix, bars with intervals."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from training.plots.canvas import (
    WIDTH,
    Axis,
    Canvas,
    Plot,
    Table,
    drawing,
    percent,
    rectangle,
    text,
    ticks,
)

VERDICTS = ("REAL", "INCONCLUSIVE", "FAKE")
ROW = 26.0
CELL = 62.0
LABEL_WIDTH = 150.0
LONGEST_LABEL = 24


def histogram(
    edges: Sequence[float],
    real: Sequence[float],
    fake: Sequence[float],
    thresholds: Sequence[tuple[float, str]],
) -> Plot:
    """Scores of real and fake clips, one upwards and one downwards from the middle.

    Parameters
    ----------
    edges : sequence of n + 1 scores
    real, fake : sequences of n counts
    thresholds : sequence of (score, words)
    """
    shares = [[count / max(sum(counts), 1) for count in counts] for counts in (real, fake)]
    top = max([*shares[0], *shares[1], 0.01]) * 1.08
    marks = [mark for value, _ in ticks(0, top, 3) for mark in _both_ways(value)]
    canvas = Canvas(
        Axis(edges[0], edges[-1], ticks(edges[0], edges[-1]), "score (log-likelihood ratio)"),
        Axis(-top, top, marks, "share of clips: fake below, real above"),
    )
    rows = []
    for k, (low, high) in enumerate(pairwise(edges)):
        words = f"score {low:.2f} to {high:.2f}"
        canvas.box((low, high), (0, shares[0][k]), "area real", f"{words}: {real[k]:.0f} real")
        canvas.box((low, high), (0, -shares[1][k]), "area fake", f"{words}: {fake[k]:.0f} fake")
        rows.append((f"{low:.2f} to {high:.2f}", f"{real[k]:.0f}", f"{fake[k]:.0f}"))
    canvas.path([(edges[0], 0), (edges[-1], 0)], "axis")
    for score, words in thresholds:
        if edges[0] <= score <= edges[-1]:
            canvas.path([(score, -top), (score, top)], "chance")
            canvas.add(text(canvas.px(score) + 3, 20, words))
    description = (
        "Real clips above the line, fake ones below. The less the two overlap, the better they "
        "are told apart; dashed lines are the thresholds."
    )
    svg = canvas.finish("histogram", "Scores", description)
    table = Table(("score", "real clips", "fake clips"), tuple(rows))
    legend = (("real", "real clips"), ("fake", "fake clips"))
    return Plot("histogram", "Scores", description, svg, table, legend)


def confusion(counts: Mapping[str, Mapping[str, int]]) -> Plot:
    """What real and fake clips were called."""
    left, top = 62.0, 26.0
    width = (WIDTH - left) / len(VERDICTS)
    shapes, rows = [], []
    for j, verdict in enumerate(VERDICTS):
        shapes.append(text(left + (j + 0.5) * width, 16, f"called {verdict}", "middle"))
    for i, label in enumerate(("real", "fake")):
        row = counts.get(label, {})
        total = sum(row.values())
        shapes.append(text(left - 8, top + (i + 0.5) * CELL + 4, label, "end"))
        cells = []
        for j, verdict in enumerate(VERDICTS):
            count = row.get(verdict, 0)
            share = count / total if total else 0.0
            x, y = left + j * width, top + i * CELL
            right = (label, verdict) in (("real", "REAL"), ("fake", "FAKE"))
            kind = "right" if right else "open" if verdict == "INCONCLUSIVE" else "wrong"
            step = min(int(share * 5 + 0.999), 5)
            shapes.append(rectangle(x + 1, y + 1, width - 2, CELL - 2, f"cell {kind} d{step}"))
            shapes.append(text(x + width / 2, y + CELL / 2, str(count), "middle", "cell-count"))
            shapes.append(text(x + width / 2, y + CELL / 2 + 17, percent(share), "middle"))
            cells.append(f"{count} ({percent(share)})")
        rows.append((label, *cells))
    description = "Rows are what the clips are, columns what they were called, at the thresholds."
    svg = drawing(
        "confusion", "Confusion matrix", description, "".join(shapes), WIDTH, top + 2 * CELL + 4
    )
    table = Table(("clips", *(f"called {verdict}" for verdict in VERDICTS)), tuple(rows))
    return Plot("confusion", "Confusion matrix", description, svg, table)


@dataclass(frozen=True, slots=True)
class Bar:
    """A share or weight, with its interval where it is known."""

    label: str
    value: float
    low: float | None = None
    high: float | None = None
    note: str = ""


def bars(
    key: str, title: str, description: str, rows: Sequence[Bar], *, unit: str, share: bool = True
) -> Plot:
    """Horizontal bars, with whiskers for intervals.

    Parameters
    ----------
    unit : str
        What the bars measure, heading of the table's column.
    share : bool
        Values are shares, written in per cent.
    """
    write = percent if share else lambda value: f"{value:.3f}"
    top = max([bar.high if bar.high is not None else bar.value for bar in rows], default=0) or 1.0
    width, end = WIDTH - LABEL_WIDTH - 60, len(rows) * ROW
    shapes, table = [], []
    for k, bar in enumerate(rows):
        y, length = k * ROW + 4, width * max(bar.value, 0) / top
        is_long = len(bar.label) > LONGEST_LABEL
        name = f"{bar.label[: LONGEST_LABEL - 1]}…" if is_long else bar.label
        interval = ""
        shapes.append(text(LABEL_WIDTH - 8, y + 14, name, "end"))
        tip = f"{bar.label}: {write(bar.value)} {bar.note}".strip()
        shapes.append(rectangle(LABEL_WIDTH, y, length, ROW - 8, "area bar", tip))
        reach = length
        if bar.low is not None and bar.high is not None:
            low, high = (LABEL_WIDTH + width * value / top for value in (bar.low, bar.high))
            middle = y + ROW / 2 - 4
            shapes.append(f'<path class="whisker" d="M{low:.1f} {middle:.1f}H{high:.1f}"/>')
            interval = f"{write(bar.low)} to {write(bar.high)}"
            reach = high - LABEL_WIDTH
        shapes.append(text(LABEL_WIDTH + reach + 6, y + 14, write(bar.value)))
        table.append((bar.label, write(bar.value), interval, bar.note))
    shapes.append(f'<path class="axis" d="M{LABEL_WIDTH} 0V{end}"/>')
    svg = drawing(key, title, description, "".join(shapes), WIDTH, max(end, ROW))
    columns = ("", unit, "95 % interval", "clips")
    kept = [k for k in range(4) if k < 2 or any(row[k] for row in table)]
    return Plot(
        key,
        title,
        description,
        svg,
        Table(tuple(columns[k] for k in kept), tuple(tuple(row[k] for k in kept) for row in table)),
    )


def _both_ways(value: float) -> list[tuple[float, str]]:
    words = f"{100 * value:.0f} %"
    return [(value, words), (-value, words)] if value else [(0.0, words)]
