"""Writes: second opinions on judged clips, of a challenger in shadow or of any version on history.

The workers that look after samples give them, at low priority; those that people wait for never
do. They change no verdict.
"""

import logging
from datetime import datetime
from uuid import UUID

from constance import config
from django.db import transaction
from django.utils import timezone
from redis.exceptions import RedisError

from accounts.models import User
from accounts.services import record
from detector.models import Prediction, PredictionOrigin
from detector.upkeep import queue_length
from training.models import (
    AliasName,
    ModelVersion,
    Rejudging,
    RejudgingState,
    SecondOpinion,
)
from training.selectors.opinions import open_predictions, opinions_of, selected_history
from training.selectors.registry import version_id_for

log = logging.getLogger(__name__)

LOWEST_PRIORITY = 9
SHADOW_EXPIRES_SECONDS = 15 * 60
"""A clip whose turn has not come by then is left out: agreement needs many clips, not each."""

IN_FLIGHT = 100
"""Clips of a re-judging that are on the queue at a time."""


def ask_challenger(prediction: Prediction) -> None:
    """Ask the challenger, if there is one, about a clip that was just judged; never fail for it."""
    if prediction.origin != PredictionOrigin.UPLOAD or not prediction.clip.keep_audio:
        return
    try:
        challenger_id = version_id_for(AliasName.CHALLENGER)
        if challenger_id and _is_chosen(prediction, config.SHADOW_PERCENT):
            _send(prediction.pk, challenger_id, expires=SHADOW_EXPIRES_SECONDS)
    except Exception:
        log.warning("prediction %s goes without a second opinion", prediction.pk, exc_info=True)


def note_opinion(
    *,
    prediction: Prediction,
    version: ModelVersion,
    verdict: str = "",
    probability: float | None = None,
    score: float | None = None,
    error_code: str = "",
) -> None:
    """Keep what a version said of a clip, or why it said nothing; what it said before stays."""
    opinion = SecondOpinion(
        prediction=prediction,
        version=version,
        verdict=verdict,
        probability=probability,
        score=score,
        error_code=error_code,
    )
    opinion.full_clean(validate_unique=False, validate_constraints=False)
    SecondOpinion.objects.bulk_create([opinion], ignore_conflicts=True)


@transaction.atomic
def start_rejudging(
    *, version: ModelVersion, actor: User, since: datetime | None = None, verdict: str = ""
) -> Rejudging:
    """Let a version look at everybody's history again, in the background."""
    rejudging = Rejudging(
        version=version, requested_by=actor, since=since, until=timezone.now(), verdict=verdict
    )
    rejudging.full_clean()
    rejudging.total = selected_history(rejudging).count()
    rejudging.save()
    record(
        actor=actor,
        action="rejudging.started",
        target=version.name,
        details={"clips": rejudging.total, "verdict": verdict},
    )
    return rejudging


@transaction.atomic
def cancel_rejudging(*, rejudging: Rejudging, actor: User) -> bool:
    """Send no more clips; what has been said stays. False if it has ended already."""
    ended = Rejudging.objects.filter(pk=rejudging.pk, state=RejudgingState.RUNNING).update(
        state=RejudgingState.CANCELLED, finished_at=timezone.now()
    )
    if ended:
        record(actor=actor, action="rejudging.cancelled", target=rejudging.version.name)
    return bool(ended)


def advance_rejudgings() -> None:
    """Count what has been said, send the next clips, end what is finished (asked for by the beat).

    Which clips are left follows from the opinions that exist, so a lost message is sent again.
    """
    for rejudging in Rejudging.objects.filter(state=RejudgingState.RUNNING).select_related(
        "version"
    ):
        left = open_predictions(rejudging)
        if queue_length("extract") < IN_FLIGHT:
            for prediction_id in left.values_list("pk", flat=True)[:IN_FLIGHT]:
                _send(prediction_id, rejudging.version_id)
        done = min(opinions_of(rejudging).count(), rejudging.total)
        running = Rejudging.objects.filter(pk=rejudging.pk, state=RejudgingState.RUNNING)
        if left.exists():
            running.update(done=done)
        else:
            running.update(
                done=rejudging.total, state=RejudgingState.DONE, finished_at=timezone.now()
            )


def _send(prediction_id: UUID, version_id: UUID, expires: int | None = None) -> None:
    from training.tasks import second_opinion

    try:
        second_opinion.apply_async(
            (str(prediction_id), str(version_id)), priority=LOWEST_PRIORITY, expires=expires
        )
    except (RedisError, OSError, second_opinion.OperationalError):
        log.warning("broker out of reach; no second opinion on prediction %s", prediction_id)


def _is_chosen(prediction: Prediction, percent: int) -> bool:
    """Choose by the clip, so that the same clip is always in or always out."""
    return int(prediction.clip.sha256[:8], 16) % 100 < percent
