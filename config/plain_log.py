"""Lines of a log for people: one event, one line, whatever a stranger has put into it."""

import logging
from typing import Any


class OneLineFormatter(logging.Formatter):
    """Writes control characters as escapes, so that no file name can forge a line of the log.

    A traceback follows in lines of its own, each behind a bar.
    """

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the library's name
        """Return the line."""
        return _on_one_line(super().formatMessage(record))

    def formatException(self, ei: Any) -> str:  # noqa: N802 - the library's name
        """Return the traceback."""
        lines = super().formatException(ei).split("\n")
        return "\n".join(f"| {_on_one_line(line)}" for line in lines)


def _on_one_line(text: str) -> str:
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)
