"""What is written down while it runs."""

from pathlib import Path
from typing import Any

from pythonjsonlogger.core import RESERVED_ATTRS

from config.settings.environment import env

LOG_FORMAT = env.text(
    "VOICETELL_LOG_FORMAT",
    "lines of the log for people (`text`) or for programs (`json`: one object a line)",
    default="text",
    choices=("text", "json"),
)
LOG_FOLDER = env.text(
    "VOICETELL_LOG_FOLDER",
    "folder for the API, retraining and performance logs as files of their own: `api.log`, "
    "`retraining.log`, `performance.log`, in JSON",
)

_VIEWS = {
    "api": "voicetell.api",
    "retraining": "voicetell.retraining",
    "performance": "voicetell.performance",
}
"""The logs by subject: each is what one logger says, and in the whole log as well."""


def _file(name: str) -> dict[str, Any]:
    """Let many processes write one file, which may be moved away under them."""
    Path(LOG_FOLDER).mkdir(parents=True, exist_ok=True)
    return {
        "class": "logging.handlers.WatchedFileHandler",
        "filename": str(Path(LOG_FOLDER, f"{name}.log")),
        "formatter": "json",
        "filters": ["request_id", "about"],
    }


LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "text": {
            "()": "config.plain_log.OneLineFormatter",
            "format": "%(asctime)s %(levelname)s [%(request_id)s%(about)s] %(name)s: %(message)s",
            "defaults": {"about": ""},
        },
        "json": {
            "()": "pythonjsonlogger.json.JsonFormatter",
            "format": "%(levelname)s %(name)s %(message)s",
            "rename_fields": {"levelname": "level", "name": "logger"},
            "timestamp": True,
            "reserved_attrs": [*RESERVED_ATTRS, "about"],
        },
    },
    "filters": {
        "request_id": {"()": "config.request_id.RequestIdFilter"},
        "about": {"()": "operations.context.AboutFilter"},
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": LOG_FORMAT,
            "filters": ["request_id", "about"],
        },
        **({name: _file(name) for name in _VIEWS} if LOG_FOLDER else {}),
    },
    "loggers": {
        # It tells every table of every font that it puts into a report.
        "fontTools": {"level": "WARNING"},
        # That a task was received: one line more for each, and its end is told anyway.
        "celery.worker.strategy": {"level": "WARNING"},
        **({logger: {"handlers": [name]} for name, logger in _VIEWS.items()} if LOG_FOLDER else {}),
    },
    "root": {
        "handlers": ["console"],
        "level": env.text(
            "VOICETELL_LOG_LEVEL", "`DEBUG`, `INFO`, `WARNING`, `ERROR`", default="INFO"
        ),
    },
}

ALIVE_FILE = env.text(
    "VOICETELL_ALIVE_FILE",
    "file that a worker or the beat touches every few seconds, for a container's health check",
)
"""File that a worker or the beat touches every few seconds, for a container's health check."""
