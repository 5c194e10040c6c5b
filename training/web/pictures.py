"""From a version's manifest to the plots and tables of its pages."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from training import plots
from training.learning.card import FIGURES
from training.models import ModelVersion
from training.selectors.drift import Drift, Measure

SLICES = (
    ("task", gettext_lazy("Wrong verdicts by kind of synthesis")),
    ("generator", gettext_lazy("Wrong verdicts by generator")),
    ("source_repo", gettext_lazy("Wrong verdicts by source")),
    ("language", gettext_lazy("Wrong verdicts by language")),
    ("duration", gettext_lazy("Wrong verdicts by duration")),
    ("codec", gettext_lazy("Wrong verdicts by codec")),
)
SHOWN_IN_SLICE = 16
LEAST_FOR_TREND = 2
TRENDS = (
    ("eer", gettext_lazy("equal error rate")),
    ("fpr", gettext_lazy("real clips called FAKE")),
    ("cllr", gettext_lazy("Cllr, bits")),
)
_Z = 1.96


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of a version, with its interval."""

    name: str
    words: str
    value: float | None
    low: float | None
    high: float | None


def figures(metrics: Mapping[str, Any]) -> list[Figure]:
    """Return all figures that the metrics hold, in the card's order."""
    overall, intervals = metrics.get("overall", {}), metrics.get("intervals", {})
    return [
        Figure(name, _(words), overall[name], *(intervals.get(name) or (None, None)))
        for name, words in FIGURES
        if name in overall
    ]


def curves(versions: Sequence[ModelVersion]) -> list[plots.Plot]:
    """ROC and DET of one version or of several, of those that carry their error rates."""
    lines = [
        plots.Line(version.name, evidence["errors"], evidence.get("at_threshold"))
        for version in versions
        if (evidence := version.manifest.get("evidence", {})).get("errors")
    ]
    return [plots.roc(lines), plots.det(lines)] if lines else []


def pictures(version: ModelVersion) -> list[plots.Plot]:
    """Return all plots that the version's manifest allows."""
    manifest = version.manifest
    evidence = manifest.get("evidence", {})
    drawn = curves([version])
    if evidence.get("reliability"):
        drawn.append(plots.reliability(evidence["reliability"]))
    if (scores := evidence.get("histogram", {})).get("edges"):
        limits = [(manifest["threshold"], "FAKE"), (manifest["real_threshold"], "REAL")]
        lines = [(_logit(share), words) for share, words in limits if 0 < share < 1]
        drawn.append(plots.histogram(scores["edges"], scores["real"], scores["fake"], lines))
    if evidence.get("confusion"):
        drawn.append(plots.confusion(evidence["confusion"]))
    if families := evidence.get("importance"):
        drawn.append(_importance(families))
    return drawn


def slices(metrics: Mapping[str, Any]) -> list[plots.Plot]:
    """Wrong verdicts of each slice of the held-out clips, one plot a kind of slice."""
    drawn = []
    for column, words in SLICES:
        parts = metrics.get("slices", {}).get(column, {})
        rows = [bar for name, part in parts.items() if (bar := _slice_bar(name, part))]
        if len(rows) < 2:
            continue
        rows.sort(key=lambda bar: -bar.value)
        left_out = len(rows) - SHOWN_IN_SLICE
        about = _(
            "Real clips called FAKE and fake clips called REAL, of all clips. Whiskers: 95 % "
            "intervals (Wilson), as if clips were independent."
        )
        if left_out > 0:
            some = _("The worst {shown} of {all} are shown.")
            about += " " + some.format(shown=SHOWN_IN_SLICE, all=len(rows))
        drawn.append(
            plots.bars(
                f"slice-{column}",
                str(words),
                about,
                rows[:SHOWN_IN_SLICE],
                unit=_("wrong"),
            )
        )
    return drawn


def trends(versions: Sequence[ModelVersion]) -> list[plots.Plot]:
    """Figures over versions as `training.selectors.versions` gives them, the newest first."""
    drawn = []
    for name, words in TRENDS:
        points = [
            plots.Point(version.name, found[name], *((bounds or {}).get(name) or (None, None)))
            for version in reversed(versions)
            if (found := getattr(version, "overall", None)) and found.get(name) is not None
            for bounds in [getattr(version, "intervals", None)]
        ]
        if len(points) >= LEAST_FOR_TREND:
            drawn.append(plots.trend(f"trend-{name}", str(words), points))
    return drawn


def drift_plots(found: Drift) -> list[plots.Plot]:
    """How far each measure has moved, and where the scores of recent clips lie."""
    drawn = []
    if found.measures:
        rows = [plots.Bar(_(measure.words), measure.psi) for measure in found.measures]
        drawn.append(
            plots.bars(
                "psi",
                _("Shift of each measure"),
                _(
                    "Population stability index against held-out clips: up to 0.1 is noise, above "
                    "0.25 a shift. Length, level and bandwidth differ from research clips as a "
                    "rule; score and novelty should not."
                ),
                rows,
                unit=_("PSI"),
                share=False,
            )
        )
    drawn += [_tenths(measure) for measure in found.measures if measure.name == "score"]
    return drawn


def _tenths(measure: Measure) -> plots.Plot:
    ends = [f"{edge:.2f}".replace("-", "\N{MINUS SIGN}") for edge in measure.edges]
    labels = [
        _("below {end}").format(end=ends[0]),
        *(_("{low} to {high}").format(low=low, high=high) for low, high in pairwise(ends)),
        _("from {end}").format(end=ends[-1]),
    ]
    rows = [
        plots.Bar(label, recent, note=_("{percent:.0f} % is usual").format(percent=100 * usual))
        for label, recent, usual in zip(labels, measure.recent, measure.usual, strict=True)
    ]
    return plots.bars(
        "recent-scores",
        _("Scores of recent clips"),
        _("Each row holds a tenth of the held-out clips; these are the shares of recent ones."),
        rows,
        unit=_("share of recent clips"),
    )


def _importance(families: Mapping[str, Mapping[str, float]]) -> plots.Plot:
    rows = [
        plots.Bar(
            name.replace("_", " "),
            entry["weight"],
            note=_("{loss:.3f} AUC lost when shuffled").format(loss=entry["auc_loss"]),
        )
        for name, entry in families.items()
    ]
    rows.sort(key=lambda bar: -bar.value)
    return plots.bars(
        "importance",
        _("What counts"),
        _(
            "How far each family of measures moves a clip's score on average, in log-likelihood "
            "units, and what the AUC loses when its columns are shuffled among clips. Families "
            "that say the same cover for each other in the latter."
        ),
        rows,
        unit=_("weight"),
        share=False,
    )


def _slice_bar(name: str, part: Mapping[str, Any]) -> plots.Bar | None:
    real, fake = part.get("real", 0), part.get("fake", 0)
    clips = real + fake
    if not clips:
        return None
    wrong = real * part.get("fpr", 0.0) + fake * part.get("fnr", 0.0)
    low, high = _wilson(wrong / clips, clips)
    return plots.Bar(
        name, wrong / clips, low, high, _("{real} real, {fake} fake").format(real=real, fake=fake)
    )


def _wilson(share: float, count: int) -> tuple[float, float]:
    """95 % interval of a share (Wilson, 1927)."""
    square = _Z * _Z / count
    middle = (share + square / 2) / (1 + square)
    spread = _Z / (1 + square) * math.sqrt(share * (1 - share) / count + square / (4 * count))
    return max(middle - spread, 0.0), min(middle + spread, 1.0)


def _logit(share: float) -> float:
    return math.log(share / (1 - share))
