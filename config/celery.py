"""The task queue. The database row is the truth; a message only says 'look at this row'."""

import os
import sys
from typing import Any

from celery import Celery
from celery.signals import task_prerun, worker_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("voicetell")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


# Celery closes the database connection before and after each task, unless told to keep it; how
# long it is kept, and whether it still works, is better judged by Django: see below.
app.conf.CELERY_DB_REUSE_MAX = sys.maxsize


@worker_init.connect
def _keep_one_connection(**_: Any) -> None:
    """Give each worker process one plain connection: it has no use for a pool."""
    from django.db import connections

    for options in connections.settings.values():
        options["OPTIONS"].pop("pool", None)
        options["CONN_MAX_AGE"] = 600


@task_prerun.connect
def _check_connection(**_: Any) -> None:
    """Let go of a connection that is old, or broken by a restart of the database."""
    from django.db import close_old_connections

    close_old_connections()
