"""Celery's entries of the training centre. Each loads what it needs and calls a service."""

from uuid import UUID

from celery import shared_task

HOUR = 3600
"""An archive's limit: what is left then goes on with the next attempt."""


@shared_task(name="training.extract")
def extract(sample_id: str) -> None:
    """Work on a new sample's audio."""
    from training.extracting import extract_sample  # the engine stays out of the web process

    extract_sample(UUID(sample_id))


@shared_task(name="training.features")
def features(sample_id: str, schema: str) -> None:
    """Compute a sample's rows for a schema, if they are not there yet."""
    from training.extracting import ensure_features

    ensure_features(UUID(sample_id), schema)


@shared_task(name="training.unpack", time_limit=HOUR, soft_time_limit=HOUR)
def unpack(archive_id: str) -> None:
    """Make samples of an archive's files."""
    from training.unpacking import unpack_archive

    unpack_archive(UUID(archive_id))


@shared_task(name="training.sweep_samples")
def sweep_samples() -> None:
    """Take up what was lost."""
    from training.upkeep import sweep_archives, sweep_samples

    sweep_samples()
    sweep_archives()


@shared_task(name="training.erase_orphans")
def erase_orphans() -> None:
    """Erase files that belong to no sample and to no archive."""
    from detector.upkeep import erase_orphans as erase
    from training.models import Archive, Sample

    erase(Sample.audio.field)
    erase(Archive.file.field)


WEEK = 7 * 24 * 3600
"""A run's limit: None would mean the limits of all tasks, which are those of a prediction."""


@shared_task(name="training.train", time_limit=WEEK, soft_time_limit=WEEK, acks_late=False)
def train() -> None:
    """Do the run that has waited longest."""
    from training.running import train_next

    train_next()


@shared_task(name="training.sweep_runs")
def sweep_runs() -> None:
    """Take up runs that were lost."""
    from training.services.runs import sweep_runs as take_up

    take_up()


@shared_task(name="training.second_opinion")
def second_opinion(prediction_id: str, version_id: str) -> None:
    """Let a version judge a clip that has its verdict."""
    from training.opining import give_opinion

    give_opinion(UUID(prediction_id), UUID(version_id))


@shared_task(name="training.advance_rejudgings")
def advance_rejudgings() -> None:
    """Send the next clips of running re-judgings."""
    from training.services.opinions import advance_rejudgings as advance

    advance()
