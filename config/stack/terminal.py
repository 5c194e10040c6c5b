"""What the operator sees: one short line for each thing done, with how long it took."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Terminal:
    """Writes to standard output for as long as there is one."""

    def __init__(self) -> None:
        self._in_line = False

    @contextmanager
    def task(self, text: str) -> Iterator[None]:
        """Show that something is being done, and then that it is done."""
        started = time.monotonic()
        self._write(f"{text} ... ")
        self._in_line = True
        yield
        took = f"{time.monotonic() - started:.1f} s\n"
        # Where something else was said meanwhile, the line has to be begun again.
        self._write(took if self._in_line else f"{text}: {took}")
        self._in_line = False

    def say(self, text: str = "") -> None:
        """Write whole lines."""
        self._write(f"\n{text}\n" if self._in_line else f"{text}\n")
        self._in_line = False

    def _write(self, text: str) -> None:
        try:
            sys.stdout.write(text)
            sys.stdout.flush()
        except OSError:
            # The terminal was closed or the reader of the pipe is gone: work goes on.
            return
