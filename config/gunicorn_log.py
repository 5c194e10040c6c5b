"""What the web server itself says, in the form of all other logs."""

from logging.config import dictConfig

from gunicorn.config import Config
from gunicorn.glogging import Logger


class ServerLog(Logger):  # type: ignore[misc]  # gunicorn has no types
    """Gunicorn's log; its first process starts before Django sets up ours."""

    def setup(self, cfg: Config) -> None:
        """Hand everything to our handlers."""
        from config.settings import LOGGING

        super().setup(cfg)
        self.error_log.handlers.clear()
        self.error_log.propagate = True
        dictConfig(LOGGING)
