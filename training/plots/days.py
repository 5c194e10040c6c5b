"""What happened on each day: columns of stacked counts."""

from collections.abc import Mapping, Sequence
from datetime import date

from django.utils.dateformat import format as date_format
from django.utils.translation import gettext as _

from training.plots.canvas import Axis, Canvas, Plot, Table, ticks

FILLED = 0.8
"""Share of a day's width that its column takes."""
LABELS = 6


def columns(
    key: str,
    title: str,
    description: str,
    days: Sequence[date],
    series: Mapping[str, tuple[str, Sequence[int]]],
) -> Plot:
    """Stacked columns, one a day.

    Parameters
    ----------
    days : sequence of n dates
        Ascending, without gaps.
    series : mapping of class name to (words, n counts)
        In the order of stacking, from below.
    """
    totals = [sum(counts[k] for _words, counts in series.values()) for k in range(len(days))]
    # Room above the highest column, and a scale of whole clips where there are few.
    top = max([*totals, 4]) * 1.05
    step = -(-len(days) // LABELS)
    labels = [(k + 0.5, date_format(day, "j M")) for k, day in enumerate(days) if k % step == 0]
    canvas = Canvas(
        Axis(0, len(days), labels, _("day (UTC)")),
        Axis(0, top, ticks(0, top), _("clips")),
        height=240,
    )
    for k, day in enumerate(days):
        floor = 0
        for css, (words, counts) in series.items():
            if counts[k]:
                canvas.box(
                    (k + (1 - FILLED) / 2, k + (1 + FILLED) / 2),
                    (floor, floor + counts[k]),
                    f"area {css}",
                    f"{date_format(day, 'j F')}: {counts[k]} {words}",
                )
                floor += counts[k]
    table = Table(
        (_("day"), *(words for words, _counts in series.values())),
        tuple(
            (day.isoformat(), *(str(counts[k]) for _words, counts in series.values()))
            for k, day in enumerate(days)
            if totals[k]
        ),
    )
    legend = tuple((css, words) for css, (words, _counts) in series.items())
    return Plot(key, title, description, canvas.finish(key, title, description), table, legend)
