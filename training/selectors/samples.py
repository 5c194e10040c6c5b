"""Reads: samples."""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from training.models import Extraction, Fingerprint, Sample, SampleState

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
