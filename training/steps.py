"""What a run does, in order. No numpy: pages read this."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

STEPS: Mapping[str, tuple[str | Promise, int]] = {
    "extract": (_("measure what is missing"), 5),
    "gather": (_("gather the rows"), 3),
    "outer_folds": (_("search and test in outer folds"), 31),
    "search": (_("search on all rows"), 11),
    "calibrate": (_("calibrate on scores out of fold"), 25),
    "leaky_folds": (_("the leaky figure, for comparison"), 8),
    "retention": (_("see whether anything known is forgotten"), 7),
    "fit": (_("fit the version"), 3),
    "evaluate": (_("test on the guarded clips"), 4),
    "gate": (_("compare with the champion"), 2),
    "register": (_("register the version"), 1),
}
"""Each step's words, and its usual percentage of the time."""


def percent(step: str, share: float) -> int:
    """Return how much of a run is done when `share` (0 to 1) of a step is."""
    before = 0
    for name, (_words, part) in STEPS.items():
        if name == step:
            return min(99, round(before + part * share))
        before += part
    raise KeyError(step)
