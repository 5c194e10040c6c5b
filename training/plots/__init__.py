"""Plots as SVG: numbers in, a picture and the same numbers as a table out.

Of Django they use only its translations. Colours, dashes and type come from the page's style sheet
by class names; there is no inline style, so that a strict content security policy, dark colours
and paper all work.
"""

from training.plots.bars import Bar, bars, confusion, histogram
from training.plots.canvas import Plot, Table
from training.plots.curves import Line, Point, det, reliability, roc, trend
from training.plots.days import columns

__all__ = [
    "Bar",
    "Line",
    "Plot",
    "Point",
    "Table",
    "bars",
    "columns",
    "confusion",
    "det",
    "histogram",
    "reliability",
    "roc",
    "trend",
]
