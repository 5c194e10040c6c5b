"""What a part prints: kept in a file with the time of each line, and the last lines at hand."""

from collections import deque
from datetime import UTC, datetime
from pathlib import Path

SIZE_LIMIT = 10_000_000
"""Bytes after which a log is put aside as `NAME.log.1`, and the one before it dropped."""

_LONGEST_LINE = 64_000


class Log:
    """The log file of one part."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = path.stem
        self.last: deque[str] = deque(maxlen=12)
        self._rest = b""

    def write(self, data: bytes) -> None:
        """Take output as it comes, in pieces of any length."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > _LONGEST_LINE:
            lines, self._rest = [*lines, self._rest], b""
        self._append(lines)

    def flush(self) -> None:
        """Write a last line that has no end."""
        if self._rest:
            self._append([self._rest])
            self._rest = b""

    def _append(self, lines: list[bytes]) -> None:
        if not lines:
            return
        time = datetime.now(UTC).isoformat(sep=" ", timespec="milliseconds").removesuffix("+00:00")
        texts = [line.decode(errors="replace").rstrip() for line in lines]
        self.last.extend(text for text in texts if text)
        try:
            with self.path.open("a") as file:
                file.writelines(f"{time} {self.name} {text}\n" for text in texts)
                size = file.tell()
            if size > SIZE_LIMIT:
                self.path.replace(self.path.with_suffix(".log.1"))
        except OSError:
            # A full disk costs the log, not the service.
            return
