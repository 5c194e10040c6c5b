"""Plots with areas: histograms of scores, confusion matrix, bars with intervals."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from django.utils.translation import gettext as _

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
    marks = [mark for value, _label in ticks(0, top, 3) for mark in _both_ways(value)]
    canvas = Canvas(
        Axis(edges[0], edges[-1], ticks(edges[0], edges[-1]), _("score (log-likelihood ratio)")),
        Axis(-top, top, marks, _("share of clips: fake below, real above")),
    )
    rows, clips = [], (_("real clips"), _("fake clips"))
    for k, (low, high) in enumerate(pairwise(edges)):
        words = _("score {low:.2f} to {high:.2f}").format(low=low, high=high)
        canvas.box(
            (low, high), (0, shares[0][k]), "area real", f"{words}: {real[k]:.0f} {clips[0]}"
        )
        canvas.box(
            (low, high), (0, -shares[1][k]), "area fake", f"{words}: {fake[k]:.0f} {clips[1]}"
        )
        rows.append((_span(f"{low:.2f}", f"{high:.2f}"), f"{real[k]:.0f}", f"{fake[k]:.0f}"))
    canvas.path([(edges[0], 0), (edges[-1], 0)], "axis")
    for score, words in thresholds:
        if edges[0] <= score <= edges[-1]:
            canvas.path([(score, -top), (score, top)], "chance")
            canvas.add(text(canvas.px(score) + 3, 20, words))
    title = _("Scores")
    description = _(
        "Real clips above the line, fake ones below. The less the two overlap, the better they "
        "are told apart; dashed lines are the thresholds."
    )
    svg = canvas.finish("histogram", title, description)
    table = Table((_("score"), *clips), tuple(rows))
    legend = (("real", clips[0]), ("fake", clips[1]))
    return Plot("histogram", title, description, svg, table, legend)


def confusion(counts: Mapping[str, Mapping[str, int]]) -> Plot:
    """What real and fake clips were called."""
    left, top = 62.0, 26.0
    width = (WIDTH - left) / len(VERDICTS)
    shapes, rows = [], []
    called = [_("called {verdict}").format(verdict=verdict) for verdict in VERDICTS]
    for j, words in enumerate(called):
        shapes.append(text(left + (j + 0.5) * width, 16, words, "middle"))
    for i, (label, words) in enumerate((("real", _("real")), ("fake", _("fake")))):
        row = counts.get(label, {})
        total = sum(row.values())
        shapes.append(text(left - 8, top + (i + 0.5) * CELL + 4, words, "end"))
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
        rows.append((words, *cells))
    title = _("Confusion matrix")
    description = _(
        "Rows are what the clips are, columns what they were called, at the thresholds."
    )
    svg = drawing("confusion", title, description, "".join(shapes), WIDTH, top + 2 * CELL + 4)
    table = Table((_("clips"), *called), tuple(rows))
    return Plot("confusion", title, description, svg, table)


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
            interval = _span(write(bar.low), write(bar.high))
            reach = high - LABEL_WIDTH
        shapes.append(text(LABEL_WIDTH + reach + 6, y + 14, write(bar.value)))
        table.append((bar.label, write(bar.value), interval, bar.note))
    shapes.append(f'<path class="axis" d="M{LABEL_WIDTH} 0V{end}"/>')
    svg = drawing(key, title, description, "".join(shapes), WIDTH, max(end, ROW))
    columns = ("", unit, _("95 % interval"), _("clips"))
    kept = [k for k in range(4) if k < 2 or any(row[k] for row in table)]
    return Plot(
        key,
        title,
        description,
        svg,
        Table(tuple(columns[k] for k in kept), tuple(tuple(row[k] for k in kept) for row in table)),
    )


def _span(low: str, high: str) -> str:
    return _("{low} to {high}").format(low=low, high=high)


def _both_ways(value: float) -> list[tuple[float, str]]:
    words = f"{100 * value:.0f} %"
    return [(value, words), (-value, words)] if value else [(0.0, words)]
