"""Celery: queues, limits, what runs by the clock."""

import socket

from celery.schedules import crontab

from config.settings.data import REDIS_URL

CELERY_BROKER_URL = (
    REDIS_URL.replace("unix://", "redis+socket://", 1).replace("?db=", "?virtual_host=")
    if REDIS_URL.startswith("unix://")
    else REDIS_URL
)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 3600,
    # A host that fell silent is noticed after a minute, not after the system's two hours.
    "socket_keepalive": True,
    "socket_keepalive_options": {
        socket.TCP_KEEPIDLE: 30,
        socket.TCP_KEEPINTVL: 10,
        socket.TCP_KEEPCNT: 3,
    },
}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_DEFAULT_QUEUE = "predict"
CELERY_TASK_ROUTES = {
    # The worker that trains is busy for minutes at a time, and predictions must not wait.
    "training.extract": {"queue": "extract"},
    "training.features": {"queue": "extract"},
    "training.unpack": {"queue": "extract"},
    "training.second_opinion": {"queue": "extract"},
    "training.advance_rejudgings": {"queue": "upkeep"},
    "training.sweep_samples": {"queue": "upkeep"},
    "training.erase_orphans": {"queue": "upkeep"},
    "training.sweep_runs": {"queue": "upkeep"},
    "training.*": {"queue": "train"},
    # Never behind clips: it takes up what was lost, and most is lost when the queue is long.
    "detector.sweep": {"queue": "upkeep"},
    "detector.erase_orphans": {"queue": "upkeep"},
    "detector.expire": {"queue": "upkeep"},
    # Mostly waiting for other people's servers, which no clip should wait for.
    "webhooks.*": {"queue": "upkeep"},
    "accounts.*": {"queue": "upkeep"},
}
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_TIME_LIMIT = 28
CELERY_TASK_SOFT_TIME_LIMIT = 25
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# A process warms up before it says that it is up; on a busy machine that takes longer than
# Celery's 4 seconds, after which it would be killed and started again without end.
CELERY_WORKER_PROC_ALIVE_TIMEOUT = 120
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULER = "config.beat.Scheduler"
CELERY_BEAT_MAX_LOOP_INTERVAL = 5
CELERY_BEAT_SCHEDULE = {
    "sweep-runs": {"task": "training.sweep_runs", "schedule": 5.0, "options": {"expires": 5.0}},
    "erase-orphans": {"task": "detector.erase_orphans", "schedule": crontab(hour=3, minute=30)},
    "erase-orphans-of-training": {
        "task": "training.erase_orphans",
        "schedule": crontab(hour=3, minute=40),
    },
    "sweep": {"task": "detector.sweep", "schedule": 5.0, "options": {"expires": 5.0}},
    "sweep-samples": {
        "task": "training.sweep_samples",
        "schedule": 10.0,
        "options": {"expires": 10.0},
    },
    "expire": {"task": "detector.expire", "schedule": 60.0, "options": {"expires": 60.0}},
    "rejudgings": {
        "task": "training.advance_rejudgings",
        "schedule": 5.0,
        "options": {"expires": 5.0},
    },
    "webhooks": {"task": "webhooks.sweep", "schedule": 5.0, "options": {"expires": 5.0}},
}
