"""What all plots share: axes, a drawing with title and description, and its table."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from xml.sax.saxutils import escape, quoteattr

WIDTH = 400.0
LEFT, RIGHT, TOP, BOTTOM = 46.0, 14.0, 10.0, 40.0


@dataclass(frozen=True, slots=True)
class Table:
    """The numbers of a plot, for who cannot see it or wants to copy them."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Plot:
    """A finished plot.

    Attributes
    ----------
    key : str
        Names it within a page; part of the ids in the SVG.
    svg : str
        Safe to put into a page: all words in it are escaped.
    legend : tuple of (str, str)
        Class name and words of each series, where there are several.
    """

    key: str
    title: str
    description: str
    svg: str
    table: Table
    legend: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Axis:
    """A range of values, and where its ticks are.

    Attributes
    ----------
    scale : callable
        Turns a value (and both ends) into a linear coordinate; the probit of a DET plot, say.
    """

    low: float
    high: float
    ticks: Sequence[tuple[float, str]]
    label: str
    scale: Callable[[float], float] = field(default=lambda value: value)

    def place(self, value: float) -> float:
        """Where a value lies between the ends, 0 to 1; what lies outside is held at the end."""
        low, high = self.scale(self.low), self.scale(self.high)
        return (self.scale(min(max(value, self.low), self.high)) - low) / (high - low)


class Canvas:
    """Collects shapes over two axes."""

    def __init__(self, x: Axis, y: Axis, height: float = 300.0) -> None:
        self.x, self.y, self.height = x, y, height
        self._shapes: list[str] = []
        self._frame()

    def px(self, value: float) -> float:
        """Horizontal place of a value, in the drawing's units."""
        return LEFT + self.x.place(value) * (WIDTH - LEFT - RIGHT)

    def py(self, value: float) -> float:
        """Vertical place of a value."""
        return self.height - BOTTOM - self.y.place(value) * (self.height - TOP - BOTTOM)

    def path(self, points: Sequence[tuple[float, float]], css: str) -> None:
        """Draw a line through points in values of the axes."""
        steps = " ".join(f"{self.px(x):.1f},{self.py(y):.1f}" for x, y in points)
        self._shapes.append(f'<polyline class="{css}" points="{steps}"/>')

    def dot(self, x: float, y: float, css: str, words: str = "") -> None:
        """Mark a point; `words` are its tooltip."""
        tip = f"<title>{escape(words)}</title>" if words else ""
        self._shapes.append(
            f'<circle class="{css}" cx="{self.px(x):.1f}" cy="{self.py(y):.1f}" r="4">'
            f"{tip}</circle>"
        )

    def box(self, x: tuple[float, float], y: tuple[float, float], css: str, words: str) -> None:
        """Draw a rectangle between values of the axes."""
        left, right = sorted(map(self.px, x))
        top, bottom = sorted(map(self.py, y))
        self.add(rectangle(left, top, right - left, bottom - top, css, words))

    def add(self, shape: str) -> None:
        """Add a finished shape."""
        self._shapes.append(shape)

    def finish(self, key: str, title: str, description: str) -> str:
        """Return the whole drawing."""
        return drawing(key, title, description, "".join(self._shapes), WIDTH, self.height)

    def _frame(self) -> None:
        bottom, right = self.height - BOTTOM, WIDTH - RIGHT
        for value, words in self.x.ticks:
            place = self.px(value)
            self.add(f'<path class="grid" d="M{place:.1f} {TOP}V{bottom}"/>')
            self.add(text(place, bottom + 15, words, "middle"))
        for value, words in self.y.ticks:
            place = self.py(value)
            self.add(f'<path class="grid" d="M{LEFT} {place:.1f}H{right}"/>')
            self.add(text(LEFT - 6, place + 4, words, "end"))
        self.add(f'<path class="axis" d="M{LEFT} {TOP}V{bottom}H{right}"/>')
        self.add(text((LEFT + right) / 2, self.height - 6, self.x.label, "middle", "axis-label"))
        middle = (TOP + bottom) / 2
        self.add(
            f'<text class="axis-label" text-anchor="middle" '
            f'transform="translate(12 {middle:.1f}) rotate(-90)">{escape(self.y.label)}</text>'
        )


def drawing(
    key: str, title: str, description: str, shapes: str, width: float, height: float
) -> str:
    """Wrap shapes into an image that says what it shows."""
    return (
        f'<svg class="chart" viewBox="0 0 {width:g} {height:g}" role="img" '
        f'aria-labelledby="{key}-title {key}-desc">'
        f'<title id="{key}-title">{escape(title)}</title>'
        f'<desc id="{key}-desc">{escape(description)}</desc>{shapes}</svg>'
    )


def text(x: float, y: float, words: str, anchor: str = "start", css: str = "") -> str:
    """Write words."""
    name = f" class={quoteattr(css)}" if css else ""
    return f'<text{name} x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'


def rectangle(x: float, y: float, width: float, height: float, css: str, words: str = "") -> str:
    """Draw a rectangle; `words` are its tooltip."""
    tip = f"<title>{escape(words)}</title>" if words else ""
    return (
        f'<rect class="{css}" x="{x:.1f}" y="{y:.1f}" width="{max(width, 0):.1f}" '
        f'height="{max(height, 0):.1f}">{tip}</rect>'
    )


def percent(share: float | None, digits: int = 1) -> str:
    """Write a share in per cent."""
    return "\N{EN DASH}" if share is None else f"{100 * share:.{digits}f} %"


def ticks(low: float, high: float, most: int = 6) -> list[tuple[float, str]]:
    """Round values between two ends, at most `most` of them."""
    span = high - low
    size = 10.0 ** len(str(int(span))) if span >= 1 else 1.0
    while span / size < most / 2.5:
        size /= 10
    step = next(size * k for k in (0.2, 0.25, 0.5, 1, 2, 2.5, 5, 10) if span / (size * k) <= most)
    first = -(-low // step)
    found, k = [], first
    while k * step <= high + step * 1e-9:
        value = k * step + 0.0  # never minus zero
        found.append((value, f"{value:.6g}".replace("-", "\N{MINUS SIGN}")))
        k += 1
    return found
