"""What the lines of a log are about: the ids of a clip, a prediction, a run."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_about: ContextVar[dict[str, str] | None] = ContextVar("about", default=None)


@contextmanager
def about(**ids: object) -> Iterator[None]:
    """Give these ids to every line that is logged in the block."""
    before = _about.set({**(_about.get() or {}), **{name: str(one) for name, one in ids.items()}})
    try:
        yield
    finally:
        _about.reset(before)


class AboutFilter(logging.Filter):
    """Gives a line the ids as fields, and as words for a log that people read."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Add them; what the line says itself stays."""
        ids = _about.get() or {}
        for name, one in ids.items():
            if not hasattr(record, name):
                setattr(record, name, one)
        record.about = "".join(f" {name}={one}" for name, one in ids.items())
        return True
