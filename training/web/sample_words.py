"""What templates need to put samples into words (the library `samples`)."""

from dataclasses import dataclass

from django import template
from django.utils.translation import gettext as _

from training.models import Origin, SampleState
from training.selectors.samples import SECONDS, Tally

register = template.Library()


@register.simple_tag
def sample_value(name: str, value: str) -> str:
    """Say in words what a value of a sample's field means."""
    if name == "duration":
        return _length(value)
    if not value:
        return _("not known")
    if name == "state":
        return str(SampleState(value).label)
    if name == "origin":
        return str(Origin(value).label)
    return value


def _length(place: str) -> str:
    if not place:
        return _("not known yet")
    step = int(place)
    if step == 0:
        return _("under %d s") % SECONDS[0]
    if step == len(SECONDS):
        return _("%d s and more") % SECONDS[-1]
    return _("%(low)d to %(high)d s") % {"low": SECONDS[step - 1], "high": SECONDS[step]}


@dataclass(frozen=True, slots=True)
class Bar:
    """Widths of a bar's two parts, of 100."""

    real: str
    fake: str


@register.simple_tag
def tally_bar(tally: Tally, tallies: list[Tally]) -> Bar:
    """Return a bar on the scale of the largest of the tallies."""
    most = max(one.total for one in tallies)
    return Bar(f"{100 * tally.real / most:.1f}", f"{100 * tally.fake / most:.1f}")
