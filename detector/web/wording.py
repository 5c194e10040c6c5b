"""What templates need to put a prediction into words."""

from dataclasses import dataclass
from typing import Any

from django import template
from django.utils.translation import gettext as _

from detector.messages import PROBLEMS, REASONS, problem_text, reason_text
from detector.models import Prediction
from detector.web import facts, timeline

register = template.Library()

register.filter("seconds", facts.seconds)
register.filter("percent", timeline.percent)
register.filter("clock", timeline.clock)


@dataclass(frozen=True, slots=True)
class ShownReason:
    """A reason in words, and which way it moved the score."""

    text: str
    towards: str
    """``fake``, ``real``, or nothing for a fact that is no part of the score."""
    weight: str


@register.filter
def shown_reasons(prediction: Prediction) -> list[ShownReason]:
    """Return the prediction's reasons to read, in their order."""
    return [_shown(**reason) for reason in prediction.reasons]


def _shown(code: str, weight: float | None, params: dict[str, Any]) -> ShownReason:
    # A newer worker may know a reason that this process does not: its code still says something.
    text = reason_text(code, params) if code in REASONS else code.replace("_", " ")
    if not weight:
        return ShownReason(text, "", "")
    return ShownReason(text, "fake" if weight > 0 else "real", _minus(f"{weight:+.1f}"))


@dataclass(frozen=True, slots=True)
class ShownProblem:
    """A problem in words."""

    title: str
    text: str
    is_ours: bool
    """Nothing is wrong with the file; trying again may help."""


@register.simple_tag
def problem(code: str, params: dict[str, Any]) -> ShownProblem:
    """Return what went wrong with a clip."""
    if code not in PROBLEMS:
        code = "internal_error"
    found = PROBLEMS[code]
    return ShownProblem(found.title, problem_text(code, params), found.status >= 500)


@register.filter
def of_hundred(probability: float) -> str:
    """Return how many of a hundred clips a probability stands for."""
    count = round(100 * probability)
    if probability > 0.99:
        return _("more than 99")
    return _("fewer than 1") if probability < 0.01 else _("about %d") % count


@register.filter
def signed(value: float) -> str:
    """Write a number with its sign and two decimals."""
    return _minus(f"{value:+.2f}")


@dataclass(frozen=True, slots=True)
class Scale:
    """Places on a scale of probability, in per cent of its width."""

    real_to: str
    fake_from: str
    open_width: str
    fake_width: str
    mark: str


@register.simple_tag
def scale(prediction: Prediction) -> Scale | None:
    """Return where a probability lies between the thresholds, or None without one."""
    real_to, fake_from = prediction.real_threshold, prediction.threshold
    if prediction.probability is None or real_to is None or fake_from is None:
        return None
    return Scale(
        real_to=_width(real_to),
        fake_from=_width(fake_from),
        open_width=_width(fake_from - real_to),
        fake_width=_width(1 - fake_from),
        mark=_width(prediction.probability),
    )


def _width(share: float) -> str:
    return f"{100 * share:.2f}%"


def _minus(number: str) -> str:
    return number.replace("-", "\N{MINUS SIGN}")
