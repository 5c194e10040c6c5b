"""Reads: how far what comes in has moved from the clips that the champion was judged on.

The population stability index compares two distributions over the same bins: the sum of
(recent - usual) * ln(recent / usual). Up to 0.1 is noise, above 0.25 a shift (Siddiqi, 2006, Credit
risk scorecards).
"""

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from redis.exceptions import RedisError

from detector.engine.types import Verdict
from detector.models import Prediction, PredictionOrigin, Status
from training.models import AliasName, ModelVersion
from training.selectors.registry import version_for

SHIFTED = 0.25
NOISE = 0.1
FEWEST = 100
"""Recent clips below which nothing is concluded: the index of few clips is large by chance."""

MOST = 2000
DAYS = 30
INCONCLUSIVE_RISE = 0.1
CACHE_SECONDS = 300
_LEAST_SHARE = 1e-3

WARNED = ("score", "novelty")
"""What the model itself makes of a clip. The other measures explain a shift; held-out clips are
research clips, cut to one length and level, so these always differ."""

WORDS = {
    "score": gettext_noop("score"),
    "novelty": gettext_noop("novelty (distance from the training material)"),
    "seconds": gettext_noop("length, s"),
    "bandwidth_hz": gettext_noop("bandwidth, Hz"),
    "level_dbfs": gettext_noop("level, dBFS"),
    "clipped_share": gettext_noop("share of clipped samples"),
}
_FIELDS = {
    "score": "score",
    "novelty": "quality__novelty",
    "seconds": "clip__facts__duration",
    "bandwidth_hz": "quality__bandwidth_hz",
    "level_dbfs": "quality__level_dbfs",
    "clipped_share": "quality__clipped_share",
}


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure of recent clips against held-out ones."""

    name: str
    words: str
    psi: float
    edges: tuple[float, ...]
    usual: tuple[float, ...]
    """Share of the held-out clips in each bin between the edges."""
    recent: tuple[float, ...]

    @property
    def has_shifted(self) -> bool:
        """Whether the distributions differ by more than is usual."""
        return self.psi > SHIFTED


@dataclass(frozen=True, slots=True)
class Drift:
    """Recent predictions of the champion beside the clips that it was judged on."""

    version: str
    clips: int
    since: datetime
    measures: tuple[Measure, ...]
    inconclusive: float
    usual_inconclusive: float | None

    @property
    def is_enough(self) -> bool:
        """Whether there are clips enough to conclude something."""
        return self.clips >= FEWEST

    @property
    def warnings(self) -> list[str]:
        """Return what a person should look at, in words."""
        if not self.is_enough:
            return []
        found = [
            _(
                "What comes in differs from what {version} was judged on: the {measure} "
                "has shifted (PSI {psi:.2f})."
            ).format(version=self.version, measure=_(measure.words), psi=measure.psi)
            for measure in self.measures
            if measure.name in WARNED and measure.has_shifted
        ]
        usual = self.usual_inconclusive
        if usual is not None and self._surely_more_than(usual + INCONCLUSIVE_RISE):
            found.append(
                _(
                    "{share:.0%} of the last {clips} clips were INCONCLUSIVE; "
                    "{usual:.0%} were when {version} was judged."
                ).format(
                    share=self.inconclusive, clips=self.clips, usual=usual, version=self.version
                )
            )
        return found

    def _surely_more_than(self, share: float) -> bool:
        error = math.sqrt(max(share * (1 - share), 1e-9) / self.clips)
        return self.inconclusive > share + 2 * error


def drift() -> Drift | None:
    """Compare the champion's recent predictions with its held-out clips, if there is one."""
    champion = version_for(AliasName.CHAMPION)
    if champion is None:
        return None
    since = timezone.now() - timedelta(days=DAYS)
    rows = _recent(champion, since)
    usual: dict[str, Any] = champion.manifest.get("evidence", {}).get("usual", {})
    measures = []
    for place, name in enumerate(_FIELDS):
        values = [float(row[place]) for row in rows if row[place] is not None]
        if name in usual and values:
            measures.append(_measure(name, usual[name], values))
    undecided = sum(row[-1] == Verdict.INCONCLUSIVE for row in rows)
    return Drift(
        version=champion.name,
        clips=len(rows),
        since=since,
        measures=tuple(measures),
        inconclusive=undecided / len(rows) if rows else 0.0,
        usual_inconclusive=usual.get("inconclusive"),
    )


def recent_drift() -> Drift | None:
    """Return what `drift` found some minutes ago at most; None also while Redis is away."""
    try:
        known: Drift | None = cache.get("drift")
        if known is None and (known := drift()):
            cache.set("drift", known, CACHE_SECONDS)
    except RedisError:
        return None
    return known


def drift_warnings() -> list[str]:
    """Return the warnings of some minutes ago at most: the panel shows them on its first page."""
    found = recent_drift()
    return found.warnings if found else []


def psi(usual: Sequence[float], recent: Sequence[float]) -> float:
    """Population stability index of two lists of shares over the same bins."""
    pairs = (
        (max(old, _LEAST_SHARE), max(new, _LEAST_SHARE))
        for old, new in zip(usual, recent, strict=True)
    )
    return sum((new - old) * math.log(new / old) for old, new in pairs)


def _recent(champion: ModelVersion, since: datetime) -> list[tuple[Any, ...]]:
    found = Prediction.objects.filter(
        status=Status.DONE,
        origin=PredictionOrigin.UPLOAD,
        model_version=champion,
        created_at__gte=since,
    ).order_by("-created_at")
    return list(found.values_list(*_FIELDS.values(), "verdict")[:MOST])


def _measure(name: str, usual: dict[str, list[float]], values: list[float]) -> Measure:
    edges, shares = usual["edges"], usual["shares"]
    counts = [0] * len(shares)
    for value in values:
        counts[bisect_right(edges, value)] += 1
    recent = [count / len(values) for count in counts]
    return Measure(
        name,
        WORDS[name],
        psi=psi(shares, recent),
        edges=tuple(edges),
        usual=tuple(shares),
        recent=tuple(recent),
    )
