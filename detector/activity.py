"""Reads: how much was judged, with which verdicts, how fast."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db.models import Aggregate, Count, DurationField, F, QuerySet
from django.db.models.functions import TruncDate
from django.utils import timezone

from detector.engine.types import Verdict
from detector.models import Prediction, Status


class _Percentile(Aggregate):
    function = "PERCENTILE_CONT"
    template = "%(function)s(%(share)s) WITHIN GROUP (ORDER BY %(expressions)s)"


def everybodys() -> QuerySet[Prediction]:
    """Return all predictions."""
    return Prediction.objects.order_by()


def prediction_counts(since: datetime | None = None) -> dict[str, dict[str, int]]:
    """Count everybody's predictions by status and by verdict, all of them or those since then."""
    rows = everybodys()
    if since:
        rows = rows.filter(created_at__gte=since)
    by_status = dict.fromkeys(Status.values, 0)
    by_verdict = dict.fromkeys(Verdict, 0)
    groups: Any = rows.values_list("status", "verdict").annotate(Count("pk"))
    for status, verdict, count in groups:
        by_status[status] += count
        if verdict:
            by_verdict[Verdict(verdict)] += count
    return {
        "by_status": by_status,
        "by_verdict": {verdict.value: count for verdict, count in by_verdict.items()},
    }


def latency(since: datetime, *shares: float) -> list[float | None]:
    """Return quantiles of the time from upload to verdict since then, in seconds.

    Parameters
    ----------
    shares : float
        Each 0 to 1; 0.5 is the median.

    Returns
    -------
    list of float or None
        One a share; None where nothing was judged.
    """
    done = everybodys().filter(status=Status.DONE, created_at__gte=since)
    taken = F("finished_at") - F("created_at")
    found = done.aggregate(
        **{
            f"q{k}": _Percentile(taken, share=share, output_field=DurationField())
            for k, share in enumerate(shares)
        }
    )
    return [None if value is None else value.total_seconds() for value in found.values()]


@dataclass(frozen=True, slots=True)
class Days:
    """Counts a day, the oldest first, today last; days without clips are there too."""

    days: list[date]
    by_verdict: dict[str, list[int]]
    failed: list[int]


def per_day(rows: QuerySet[Prediction], days: int = 30) -> Days:
    """Count predictions by the day (UTC) on which they were asked for."""
    today = timezone.now().astimezone(UTC).date()
    span = [today - timedelta(days=back) for back in range(days - 1, -1, -1)]
    place = {day: k for k, day in enumerate(span)}
    found = Days(span, {verdict.value: [0] * days for verdict in Verdict}, [0] * days)
    groups: Any = (
        rows.order_by()
        # A moment, not its day: of that no index knows.
        .filter(created_at__gte=datetime.combine(span[0], time(), tzinfo=UTC))
        .annotate(day=TruncDate("created_at", tzinfo=UTC))
        .values_list("day", "status", "verdict")
        .annotate(Count("pk"))
    )
    for day, status, verdict, count in groups:
        if verdict and day in place:
            found.by_verdict[verdict][place[day]] += count
        elif status == Status.FAILED and day in place:
            found.failed[place[day]] += count
    return found
