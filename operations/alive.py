"""Signs of life of workers and the beat: a file that is touched, where a setting names one."""

from pathlib import Path
from typing import Any

from celery.signals import after_task_publish, beat_init, heartbeat_sent
from django.conf import settings


@heartbeat_sent.connect
def _touch(**_: Any) -> None:
    if settings.ALIVE_FILE:
        Path(settings.ALIVE_FILE).touch()


@beat_init.connect
def _watch_beat(**_: Any) -> None:
    """The beat sends something every five seconds; a worker may for long send nothing."""
    after_task_publish.connect(_touch)
    _touch()
