"""Celery's entries. Each loads what it needs and calls a service."""

from uuid import UUID

from celery import shared_task

from detector import workers as workers  # connects the workers' signals


@shared_task(name="detector.judge")
def judge(prediction_id: str) -> None:
    """Judge one queued prediction."""
    from detector.judging import judge_prediction  # the engine stays out of the web process

    judge_prediction(UUID(prediction_id))


@shared_task(name="detector.erase_orphans")
def erase_orphans() -> None:
    """Erase files that belong to no clip."""
    from detector.models import Clip
    from detector.upkeep import erase_orphans as erase

    erase(Clip.audio.field)


@shared_task(name="detector.sweep")
def sweep() -> None:
    """Take up what was lost."""
    from detector.upkeep import sweep as take_up

    take_up()


@shared_task(name="detector.expire")
def expire() -> None:
    """Delete what has been kept for as long as it may."""
    from detector.upkeep import expire as delete_expired

    delete_expired()
