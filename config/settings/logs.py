"""What is written down while it runs."""

from config.settings.environment import env

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {
            "()": "config.plain_log.OneLineFormatter",
            "format": "%(asctime)s %(levelname)s [%(request_id)s] %(name)s: %(message)s",
        },
    },
    "filters": {"request_id": {"()": "config.request_id.RequestIdFilter"}},
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "plain",
            "filters": ["request_id"],
        }
    },
    # It tells every table of every font that it puts into a report.
    "loggers": {"fontTools": {"level": "WARNING"}},
    "root": {"handlers": ["console"], "level": env.str("VOICETELL_LOG_LEVEL", default="INFO")},
}

ALIVE_FILE = env.str("VOICETELL_ALIVE_FILE", default="")
"""File that a worker or the beat touches every few seconds, for a container's health check."""
