"""What moved a score, as bars to either side of nothing: families of measures, and bands."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

FAMILIES: dict[str, str | Promise] = {
    "learned": _("what a speech network hears"),
    "lfcc": _("how the tone colour moves"),
    "correlation": _("low and high tones together"),
    "flatness": _("breath and hiss in the voice"),
    "texture": _("fine grain of the sound"),
    "phase": _("timing of the tones"),
    "fine_spectrum": _("faint regular traces"),
    "chroma": _("spread of the musical pitch"),
    "level": _("loudness"),
    "spectral_shape": _("brightness"),
    "zero_crossings": _("share of hissing sounds"),
    "mfcc": _("average tone colour"),
}


@dataclass(frozen=True, slots=True)
class Bar:
    """One thing that moved the score; places are per cent of the drawing's width."""

    label: str | Promise
    weight: float
    x: str
    width: str

    @property
    def side(self) -> str:
        """Which verdict it speaks for."""
        return "fake" if self.weight > 0 else "real"


@dataclass(frozen=True, slots=True)
class Evidence:
    """Bars on one scale, so that they may be compared."""

    families: tuple[Bar, ...]
    bands: tuple[Bar, ...]


def evidence(explanation: dict[str, Any]) -> Evidence | None:
    """Return what `Prediction.explanation` holds to be drawn, or None where it holds nothing."""
    families = explanation.get("families", {})
    bands = explanation.get("bands", [])
    widest = max((abs(weight) for weight in _weights(families, bands)), default=0.0)
    if not widest:
        return None
    strongest_first = sorted(families.items(), key=lambda item: -abs(item[1]))
    return Evidence(
        families=tuple(
            _bar(FAMILIES.get(name, name.replace("_", " ")), weight, widest)
            for name, weight in strongest_first
        ),
        bands=tuple(
            _bar(
                f"{band['low_hz'] / 1000:g} to {band['high_hz'] / 1000:g} kHz",
                band["weight"],
                widest,
            )
            for band in bands
        ),
    )


def _weights(families: dict[str, float], bands: list[dict[str, float]]) -> Iterable[float]:
    yield from families.values()
    yield from (band["weight"] for band in bands)


def _bar(label: str | Promise, weight: float, widest: float) -> Bar:
    reach = 50 * abs(weight) / widest
    left = 50.0 if weight > 0 else 50 - reach
    return Bar(label, weight, f"{left:.2f}%", f"{reach:.2f}%")
