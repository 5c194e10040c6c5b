"""A plot shows its numbers where they belong, says them in a table, and styles nothing itself."""

import re
from xml.etree import ElementTree

import pytest

from training import plots
from training.plots.canvas import Axis, ticks

ERRORS = [[1.0, 0.0], [0.5, 0.02], [0.1, 0.1], [0.02, 0.3], [0.0, 1.0]]
LINE = plots.Line("old <1>", ERRORS, (0.02, 0.3))


def every_plot():
    return [
        plots.roc([LINE]),
        plots.det([LINE, plots.Line("new", ERRORS)]),
        plots.reliability([{"mean": 0.1, "share": 0.2, "clips": 40}]),
        plots.histogram([-1, 0, 1], [3, 1], [0, 4], [(0.2, "FAKE <from>")]),
        plots.confusion({"real": {"REAL": 8, "FAKE": 1, "INCONCLUSIVE": 1}, "fake": {}}),
        plots.bars("b", "B", "d", [plots.Bar("a&b", 0.2, 0.1, 0.4, "10")], unit="share"),
        plots.trend("t", "EER", [plots.Point("v1", 0.2, 0.1, 0.3), plots.Point("v2", 0.1)]),
    ]


@pytest.mark.parametrize("plot", every_plot(), ids=lambda plot: plot.key)
def test_every_plot_is_sound_says_what_it_is_and_has_no_style_of_its_own(plot):
    root = ElementTree.fromstring(plot.svg)
    assert root.get("role") == "img"
    named = {child.get("id") for child in root if child.tag in ("title", "desc")}
    assert set(root.get("aria-labelledby").split()) == named
    assert not re.search(r"style=|fill=|stroke=|on\w+=", plot.svg)
    assert plot.table.rows
    assert all(len(row) == len(plot.table.columns) for row in plot.table.rows)


@pytest.mark.parametrize("plot", every_plot(), ids=lambda plot: plot.key)
def test_nothing_is_drawn_outside(plot):
    root = ElementTree.fromstring(plot.svg)
    _, _, width, height = map(float, root.get("viewBox").split())
    for element in root.iter():
        if element.tag in ("rect", "circle"):
            prefix = "c" if element.tag == "circle" else ""
            assert -1 <= float(element.get(f"{prefix}x")) <= width
            assert -1 <= float(element.get(f"{prefix}y")) <= height


def places(plot, css):
    found = ElementTree.fromstring(plot.svg).find(f".//polyline[@class='{css}']")
    return [tuple(map(float, pair.split(","))) for pair in found.get("points").split()]


def test_a_better_detector_lies_further_up_in_the_roc_and_further_down_in_the_det():
    better = plots.Line("better", [[1.0, 0.0], [0.1, 0.01], [0.0, 1.0]])
    worse = plots.Line("worse", [[1.0, 0.0], [0.1, 0.4], [0.0, 1.0]])
    roc, det = plots.roc([better, worse]), plots.det([better, worse])
    at = lambda plot, css: [y for x, y in places(plot, css)]  # noqa: E731
    assert at(roc, "line s0")[-3] < at(roc, "line s1")[-3]
    assert at(det, "line s0")[1] > at(det, "line s1")[1]  # y grows downwards


def test_the_table_says_what_the_curve_promises():
    table = plots.roc([LINE]).table
    assert dict(table.rows)["2.0 %"] == "30.0 %"
    assert dict(table.rows)["10.0 %"] == "10.0 %"
    assert dict(table.rows)["0.5 %"] == "100.0 %"


def test_the_probit_axis_gives_small_rates_room():
    axis = Axis(0.001, 0.8, [], "", plots.curves._probit)
    assert axis.place(0.001) == 0
    assert axis.place(0.8) == 1
    assert axis.place(0.01) > 0.15
    assert axis.place(0.0) == 0


@pytest.mark.parametrize(("low", "high"), [(0, 1), (-7.3, 8.1), (0, 0.02), (0, 1234), (0.5, 0.6)])
def test_ticks_are_round_few_and_inside(low, high):
    found = ticks(low, high)
    assert 2 <= len(found) <= 7
    assert all(low <= value <= high + 1e-9 for value, _ in found)
    assert all(len(words) <= 6 for _, words in found)
