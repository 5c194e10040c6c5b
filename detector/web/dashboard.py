"""The dashboard: how much is judged, how it goes, and who judges."""

import logging
from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from accounts.decorators import PersonRequest, person_required
from accounts.models import Scope
from detector import workers
from detector.activity import Days, everybodys, latency, per_day, prediction_counts
from detector.engine.types import Verdict
from detector.selectors import predictions_of
from detector.upkeep import queue_length
from training.plots import Plot, columns
from training.selectors import version_for
from training.selectors.samples import review_queue

log = logging.getLogger(__name__)

DAYS = 30


@require_GET
@gzip_page
@person_required
def dashboard(request: PersonRequest) -> HttpResponse:
    """Everybody's clips for who runs models; one's own, or one's team's, for others."""
    sees_all = request.user.may(Scope.TRAIN)
    days = per_day(everybodys() if sees_all else predictions_of(request.user), DAYS)
    champion = version_for()
    median, p95 = latency(timezone.now() - timedelta(days=1), 0.5, 0.95)
    context: dict[str, Any] = {
        "sees_all": sees_all,
        "volume": _volume(days),
        "day": prediction_counts(timezone.now() - timedelta(days=1)) if sees_all else None,
        "judged": sum(map(sum, days.by_verdict.values())),
        "inconclusive": _share(days),
        "median": median,
        "p95": p95,
        "service": _service(),
        "champion": champion,
        "figures": champion.manifest["metrics"] if champion else None,
        "waiting": review_queue().count() if request.user.may(Scope.LABEL) else None,
    }
    return render(request, "detector/dashboard.html", context)


def _volume(days: Days) -> Plot:
    words = {
        Verdict.REAL.value: ("real", _("called real")),
        Verdict.INCONCLUSIVE.value: ("inconclusive", _("inconclusive")),
        Verdict.FAKE.value: ("fake", _("called fake")),
    }
    series = {css: (text, days.by_verdict[verdict]) for verdict, (css, text) in words.items()}
    series["failed"] = (_("not judged"), days.failed)
    return columns(
        "volume",
        _("Clips a day"),
        _("What was judged in the last 30 days, by verdict."),
        days.days,
        series,
    )


def _share(days: Days) -> float | None:
    judged = sum(map(sum, days.by_verdict.values()))
    return sum(days.by_verdict[Verdict.INCONCLUSIVE]) / judged if judged else None


def _service() -> dict[str, int] | None:
    """What waits and who works; None where Redis does not answer."""
    try:
        return {"queue": queue_length("predict"), "workers": workers.count()}
    except (OSError, RedisError, OperationalError):
        log.warning("the dashboard cannot ask Redis", exc_info=True)
        return None
