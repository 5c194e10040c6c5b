"""Plots with lines: ROC, DET, reliability, figures over versions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist

from django.utils.translation import gettext as _

from training.plots.canvas import WIDTH, Axis, Canvas, Plot, Table, percent, text, ticks

Pairs = Sequence[Sequence[float]]
SHARES = [(k / 5, f"{20 * k} %") for k in range(6)]
RATES = (0.001, 0.01, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8)
TABLE_RATES = (0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5)
_probit = NormalDist().inv_cdf


@dataclass(frozen=True, slots=True)
class Line:
    """The error rates of one version.

    Attributes
    ----------
    errors : sequence of pairs
        False-positive and false-negative rate at every threshold, from "all FAKE" upwards.
    at_threshold : pair or None
        Those at the version's own threshold.
    """

    name: str
    errors: Pairs
    at_threshold: Sequence[float] | None = None

    def misses_at(self, fpr: float) -> float:
        """Smallest share of fakes missed while at most `fpr` of the real clips are called FAKE."""
        return min((fnr for found, fnr in self.errors if found <= fpr), default=1.0)


def roc(lines: Sequence[Line]) -> Plot:
    """Receiver operating characteristic: fakes found against real clips called FAKE."""
    x = Axis(0, 1, SHARES, _("real clips called FAKE"))
    y = Axis(0, 1, SHARES, _("fake clips found"))
    canvas = Canvas(x, y)
    canvas.path([(0, 0), (1, 1)], "chance")
    for number, line in enumerate(lines):
        canvas.path(_stairs([(fpr, 1 - fnr) for fpr, fnr in line.errors]), f"line s{number}")
        if line.at_threshold:
            fpr, fnr = line.at_threshold
            canvas.dot(fpr, 1 - fnr, f"mark s{number}", _at(line))
    description = _(
        "The further up and to the left, the better; the dashed diagonal is chance."
    ) + ("".join(f" {_at(line)}." for line in lines if line.at_threshold))
    return _errors_plot("roc", _("ROC"), description, canvas, lines)


def det(lines: Sequence[Line]) -> Plot:
    """Detection error trade-off: both error rates, on normal deviate axes."""
    marks = [(rate, f"{100 * rate:g} %") for rate in RATES]
    x = Axis(RATES[0], RATES[-1], marks, _("real clips called FAKE"), _probit)
    y = Axis(RATES[0], RATES[-1], marks, _("fake clips missed"), _probit)
    canvas = Canvas(x, y)
    canvas.path([(RATES[0], RATES[0]), (RATES[-1], RATES[-1])], "chance")
    for number, line in enumerate(lines):
        canvas.path([(fpr, fnr) for fpr, fnr in line.errors], f"line s{number}")
        if line.at_threshold:
            fpr, fnr = line.at_threshold
            canvas.dot(fpr, fnr, f"mark s{number}", _at(line))
    description = _(
        "Both error rates on axes of the normal distribution: the further down and to the left, "
        "the better. The dashed diagonal is where both are equal: it crosses a curve at the equal "
        "error rate."
    )
    return _errors_plot("det", _("DET"), description, canvas, lines)


def reliability(bins: Sequence[Mapping[str, float]]) -> Plot:
    """How often clips of a probability are fake."""
    canvas = Canvas(
        Axis(0, 1, SHARES, _("probability that was given")),
        Axis(0, 1, SHARES, _("share that is fake")),
    )
    canvas.path([(0, 0), (1, 1)], "chance")
    canvas.path([(entry["mean"], entry["share"]) for entry in bins], "line s0")
    for entry in bins:
        words = _("{mean} given, {share} fake, {clips:.0f} clips").format(
            mean=percent(entry["mean"]), share=percent(entry["share"]), clips=entry["clips"]
        )
        canvas.dot(entry["mean"], entry["share"], "mark s0", words)
    description = _(
        "On the dashed diagonal a probability means what it says; above it, clips are fake more "
        "often than was said. Both classes count alike. Points of few clips say little."
    )
    rows = tuple(
        (percent(entry["mean"]), percent(entry["share"]), f"{entry['clips']:.0f}") for entry in bins
    )
    table = Table((_("probability given"), _("share that is fake"), _("clips")), rows)
    title = _("Reliability")
    svg = canvas.finish("reliability", title, description)
    return Plot("reliability", title, description, svg, table)


@dataclass(frozen=True, slots=True)
class Point:
    """A figure of one version, with its interval where it is known."""

    name: str
    value: float
    low: float | None = None
    high: float | None = None


def trend(key: str, title: str, points: Sequence[Point]) -> Plot:
    """A figure over versions, the oldest first, with intervals."""
    ends = [end for point in points for end in (point.value, point.low, point.high) if end]
    top = max(ends, default=1.0) * 1.1 or 1.0
    last = max(len(points) - 1, 1)
    shown = {0, len(points) - 1} if len(points) > 3 else set(range(len(points)))
    canvas = Canvas(
        Axis(-0.3, last + 0.3, [], _("version")), Axis(0, top, ticks(0, top), title), 240
    )
    canvas.path([(k, point.value) for k, point in enumerate(points)], "line s0")
    for k, point in enumerate(points):
        if point.low is not None and point.high is not None:
            canvas.path([(k, point.low), (k, point.high)], "whisker")
        canvas.dot(k, point.value, "mark s0", f"{point.name}: {_figure(point)}")
        if k in shown:
            place = min(max(canvas.px(k), 60), WIDTH - 60)
            canvas.add(text(place, canvas.height - 24, point.name[:22], "middle"))
    description = _(
        "{title} of each version on its own held-out clips, with 95 % intervals."
    ).format(title=title)
    rows = tuple((point.name, _figure(point)) for point in points)
    svg = canvas.finish(key, title, description)
    return Plot(key, title, description, svg, Table((_("version"), title), rows))


def _figure(point: Point) -> str:
    if point.low is None or point.high is None:
        return f"{point.value:.3f}"
    return _("{value:.3f} ({low:.3f} to {high:.3f})").format(
        value=point.value, low=point.low, high=point.high
    )


def _at(line: Line) -> str:
    fpr, fnr = line.at_threshold or (0.0, 0.0)
    return _("{name} at its threshold: {alarms} false alarms, {found} found").format(
        name=line.name, alarms=percent(fpr), found=percent(1 - fnr)
    )


def _stairs(points: Pairs) -> list[tuple[float, float]]:
    """Go from corner to corner at right angles, as an empirical curve does."""
    found: list[tuple[float, float]] = []
    for x, y in points:
        if found:
            found.append((x, found[-1][1]))
        found.append((x, y))
    return found


def _errors_plot(
    key: str, title: str, description: str, canvas: Canvas, lines: Sequence[Line]
) -> Plot:
    columns = (
        _("real clips called FAKE, at most"),
        *(_("missed by {name}").format(name=line.name) for line in lines),
    )
    rows = tuple(
        (percent(rate), *(percent(line.misses_at(rate)) for line in lines)) for rate in TABLE_RATES
    )
    legend = tuple((f"s{number}", line.name) for number, line in enumerate(lines))
    svg = canvas.finish(key, title, description)
    several = legend if len(lines) > 1 else ()
    return Plot(key, title, description, svg, Table(columns, rows), several)
