"""Reads: samples."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.cache import cache
from django.db.models import Case, Count, F, IntegerField, Q, QuerySet, Value, When
from django.db.models.expressions import RawSQL

from training.models import Extraction, Fingerprint, Label, Sample, SampleState

MOST_CANDIDATES = 50
LEAST_COMMON_KEYS = 2


def samples() -> QuerySet[Sample]:
    """Return the samples that are not deleted, newest first."""
    return (
        Sample.objects.filter(deleted_at=None)
        .select_related("scored_by", "added_by")
        .defer("scored_by__manifest")
    )


def find_sample(sample_id: UUID) -> Sample | None:
    """Return a sample that is not deleted, or None."""
    return samples().select_related("decided_by").filter(pk=sample_id).first()


def find_by_content(sha256: str) -> Sample | None:
    """Return the sample that holds these bytes, or None."""
    return Sample.objects.filter(sha256=sha256, deleted_at=None).first()


def review_queue() -> QuerySet[Sample]:
    """Return what waits for review: disagreement first, then the oldest."""
    return samples().filter(state=SampleState.WAITING).order_by("-urgency", "created_at", "id")


def trainable() -> QuerySet[Sample]:
    """Return the samples that may train: confirmed, and with speech that could be measured."""
    return Sample.objects.filter(
        deleted_at=None, state=SampleState.CONFIRMED, extraction=Extraction.DONE
    ).order_by("id")


def trainable_counts() -> dict[str, int]:
    """Count the samples that may train, by label."""
    rows = trainable().order_by().values_list("label").annotate(Count("pk"))
    found: dict[str, int] = dict(rows)
    real, fake = found.get(Label.REAL, 0), found.get(Label.FAKE, 0)
    return {"REAL": real, "FAKE": fake, "total": real + fake}


def same_recording(sample: Sample) -> QuerySet[Sample]:
    """Return the other samples whose fingerprints say that they hold the same recording."""
    return samples().filter(recording=sample.recording).exclude(pk=sample.pk)


def fingerprint_candidates(keys: Sequence[int], *, besides: Sample) -> QuerySet[Fingerprint]:
    """Return fingerprints that share most keys with these, the likeliest first."""
    common = RawSQL("(SELECT count(*) FROM unnest(keys) AS one WHERE one = ANY(%s))", [list(keys)])
    return (
        Fingerprint.objects.filter(keys__overlap=list(keys), sample__deleted_at=None)
        .exclude(sample=besides)
        .annotate(common=common)
        .filter(common__gte=LEAST_COMMON_KEYS)
        .select_related("sample")
        .order_by("-common")[:MOST_CANDIDATES]
    )


def page_of(
    rows: QuerySet[Sample], *, after: Sample | None, size: int
) -> tuple[list[Sample], Sample | None]:
    """Return some of the rows, newest first, and the last of them where there are more.

    By the place in the order and never by number, so that a late page costs what the first does.
    """
    if after:
        rows = rows.filter(created_at__lte=after.created_at).filter(
            Q(created_at__lt=after.created_at) | Q(pk__lt=after.pk)
        )
    found = list(rows.order_by("-created_at", "-id")[: size + 1])
    return found[:size], found[size - 1] if len(found) > size else None


def next_for_review(after: Sample | None = None, urgency: int | None = None) -> Sample | None:
    """Return what is to be reviewed first, or first after another sample.

    `urgency` is what that sample had when it was shown: a decision or an opinion changes it.
    """
    rows = review_queue()
    if after:
        shown = after.urgency if urgency is None else urgency
        rows = rows.filter(
            Q(urgency__lt=shown)
            | Q(urgency=shown, created_at__gt=after.created_at)
            | Q(urgency=shown, created_at=after.created_at, pk__gt=after.pk)
        )
    return rows.select_related("prediction").first()


def waiting_count(most: int = 1000) -> int:
    """Return how many samples wait for review, but count no further than `most`."""
    return review_queue().order_by()[:most].count()


@dataclass(frozen=True, slots=True)
class Tally:
    """How many samples share a value."""

    value: str
    real: int
    fake: int

    @property
    def total(self) -> int:
        """Of both labels."""
        return self.real + self.fake


COUNTED = ("state", "language", "generator", "source", "origin")
LONGEST_TALLY = 12
SECONDS = (2, 5, 15, 60)
_COUNTS_KEY, _COUNTS_SECONDS = "sample-counts", 20


def sample_counts() -> dict[str, list[Tally]]:
    """Count samples by label and by each of `COUNTED` and ``duration``, the largest first.

    Counting looks at every sample, so the answer is kept for 20 s.
    """
    kept: dict[str, list[Tally]] | None = cache.get(_COUNTS_KEY)
    if kept is None:
        kept = {name: _tallies(F(name)) for name in COUNTED}
        steps = [When(duration__lt=limit, then=Value(place)) for place, limit in enumerate(SECONDS)]
        lengths = Case(
            When(duration=None, then=Value(None)),
            *steps,
            default=Value(len(SECONDS)),
            output_field=IntegerField(),
        )
        kept["duration"] = sorted(_tallies(lengths), key=lambda tally: tally.value)
        cache.set(_COUNTS_KEY, kept, _COUNTS_SECONDS)
    return kept


def _tallies(expression: Any) -> list[Tally]:
    rows = (
        Sample.objects.filter(deleted_at=None)
        .order_by()
        .values(value=expression)
        .annotate(
            real=Count("pk", filter=Q(label=Label.REAL)),
            fake=Count("pk", filter=Q(label=Label.FAKE)),
            total=Count("pk"),
        )
        .order_by("-total", "value")[:LONGEST_TALLY]
    )
    return [
        Tally("" if row["value"] is None else str(row["value"]), row["real"], row["fake"])
        for row in rows
    ]
