"""How long a client wants to wait: the `Prefer` header (RFC 7240)."""

import re
from dataclasses import dataclass

from django.conf import settings

LONGEST_WAIT = 60
"""Seconds; a longer wish is held to this."""

_WAIT = re.compile(r'wait="?(\d{1,9})"?')


@dataclass(frozen=True, slots=True)
class Preference:
    """What was asked for and is done."""

    seconds: float
    """How long to wait for the verdict before answering 202."""
    applied: str
    """The value of `Preference-Applied`; empty where nothing was asked for."""

    @property
    def headers(self) -> dict[str, str]:
        """The header that confirms it."""
        return {"Preference-Applied": self.applied} if self.applied else {}


def preference(header: str) -> Preference:
    """Read a `Prefer` header; what is not understood is ignored, as the RFC asks.

    ``respond-async`` answers at once, ``wait=N`` after N seconds at the latest, and the two
    together mean the latter.
    """
    asynchronous, wait = False, None
    for part in header.lower().split(","):
        wish = part.partition(";")[0].strip()
        if wish == "respond-async":
            asynchronous = True
        elif wait is None and (found := _WAIT.fullmatch(wish)):
            wait = min(int(found[1]), LONGEST_WAIT)
    applied = ["respond-async"] * asynchronous + [f"wait={wait}"] * (wait is not None)
    if wait is not None:
        seconds = float(wait)
    else:
        seconds = 0.0 if asynchronous else settings.PREDICT_WAIT_SECONDS
    return Preference(seconds, ", ".join(applied))
