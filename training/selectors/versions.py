"""Reads: versions for people to look at and to compare."""

from collections import Counter
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any
from uuid import UUID

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery

from accounts.models import User
from detector.models import Prediction, Status
from training.models import ModelVersion, SecondOpinion

MOST_DISAGREEMENTS = 100


def versions() -> QuerySet[ModelVersion]:
    """Return all versions, the newest first, with their figures instead of the whole manifest."""
    return (
        ModelVersion.objects.defer("manifest")
        .annotate(
            model_type=F("manifest__model_type"),
            overall=F("manifest__metrics__overall"),
            intervals=F("manifest__metrics__intervals"),
        )
        .prefetch_related("aliases")
        .order_by("-created_at", "-id")
    )


def version_of(version_id: UUID) -> ModelVersion | None:
    """Return one version with its aliases, or None."""
    return ModelVersion.objects.prefetch_related("aliases").filter(pk=version_id).first()


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A held-out clip that two versions call by different names."""

    clip: str
    label: str
    verdicts: tuple[str, str]
    scores: tuple[float | None, float | None]

    @property
    def gap(self) -> float:
        """How far apart the scores are."""
        first, second = self.scores
        return abs((first or 0.0) - (second or 0.0))


@dataclass(frozen=True, slots=True)
class HeldOutComparison:
    """What two versions said of the held-out clips that both judged."""

    clips: int
    agreed: int
    disagreements: tuple[Disagreement, ...]
    """Those furthest apart, `MOST_DISAGREEMENTS` at most."""


def compare_held_out(first: ModelVersion, second: ModelVersion) -> HeldOutComparison:
    """Compare two versions clip by clip, as far as they were judged on the same clips."""
    old, new = (_held_out(version.manifest) for version in (first, second))
    shared = old.keys() & new.keys()
    apart = [
        Disagreement(
            clip,
            label=old[clip][0],
            verdicts=(old[clip][1], new[clip][1]),
            scores=(old[clip][2], new[clip][2]),
        )
        for clip in shared
        if old[clip][1] != new[clip][1]
    ]
    apart.sort(key=lambda row: (-row.gap, row.clip))
    return HeldOutComparison(
        len(shared), len(shared) - len(apart), tuple(apart[:MOST_DISAGREEMENTS])
    )


def _held_out(manifest: dict[str, Any]) -> dict[str, tuple[str, str, float | None]]:
    table = manifest.get("evidence", {}).get("held_out", {})
    columns = (table.get(name, ()) for name in ("clips", "fake", "verdicts", "scores"))
    return {
        clip: ("fake" if fake else "real", verdict, score)
        for clip, fake, verdict, score in zip_longest(*columns)
    }


@dataclass(frozen=True, slots=True)
class LiveAgreement:
    """What a version said beside the verdicts that people got."""

    clips: int
    agreed: int
    failed: int
    """Clips of which it said nothing, mostly because they were deleted meanwhile."""
    table: tuple[tuple[str, tuple[int, int, int]], ...]
    """Verdict that was given, to how often the version said REAL, INCONCLUSIVE and FAKE."""

    @property
    def share(self) -> float | None:
        """Share of the clips on which both agree."""
        return self.agreed / self.clips if self.clips else None


VERDICTS = ("REAL", "INCONCLUSIVE", "FAKE")


def live_agreement(version: ModelVersion, judged_by: ModelVersion | None = None) -> LiveAgreement:
    """Compare second opinions with the verdicts given, of one version or of all."""
    rows = SecondOpinion.objects.filter(version=version).order_by()
    if judged_by is not None:
        rows = rows.filter(prediction__model_version=judged_by)
    counts: Counter[tuple[str, str]] = Counter()
    for given, said, count in rows.values_list("prediction__verdict", "verdict").annotate(
        Count("pk")
    ):
        counts[given, said] += count
    table = tuple(
        (given, (counts[given, "REAL"], counts[given, "INCONCLUSIVE"], counts[given, "FAKE"]))
        for given in VERDICTS
    )
    return LiveAgreement(
        clips=sum(sum(row) for _, row in table),
        agreed=sum(counts[verdict, verdict] for verdict in VERDICTS),
        failed=sum(count for (_, said), count in counts.items() if not said),
        table=table,
    )


def own_disagreements(
    person: User, version: ModelVersion, judged_by: ModelVersion
) -> QuerySet[Prediction]:
    """Return the person's own clips that two versions call by different names, newest first."""
    opinion = SecondOpinion.objects.filter(prediction=OuterRef("pk"), version=version)
    return (
        Prediction.objects.filter(
            owner=person,
            clip__deleted_at=None,
            status=Status.DONE,
            model_version=judged_by,
            second_opinions__version=version,
        )
        .filter(~Q(second_opinions__verdict=F("verdict")), ~Q(second_opinions__verdict=""))
        .annotate(
            other_verdict=Subquery(opinion.values("verdict")[:1]),
            other_probability=Subquery(opinion.values("probability")[:1]),
        )
        .select_related("clip")
        .order_by("-created_at")
    )
