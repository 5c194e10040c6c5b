"""The task queue. The database row is the truth; a message only says 'look at this row'."""

import os
from typing import Any

from celery import Celery
from celery.signals import worker_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("voicetell")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
def _do_without_pool(**_: Any) -> None:
    """Give each worker process one plain connection.

    It has no use for a pool, and Celery would take the pool down and build it up around each task.
    """
    from django.db import connections

    for options in connections.settings.values():
        options["OPTIONS"].pop("pool", None)
