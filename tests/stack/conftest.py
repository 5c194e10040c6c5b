"""Programs under test, and a way to find every process that they have started."""

import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from config.stack.paths import BASE_DIR


def eventually(condition: Callable[[], Any], *, seconds: float = 60) -> Any:
    """Wait for a condition to hold; return what it gave. Fails when it never does."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(0.05)
    raise AssertionError("it did not happen in time")


class Program:
    """A program whose output is kept, and whose whole family is known by a mark."""

    def __init__(self, argv: list[str], output: Path, **env: str) -> None:
        self.output = output
        self._mark = uuid.uuid4().hex
        with output.open("ab") as file:
            self.process = subprocess.Popen(
                argv,
                cwd=BASE_DIR,
                env={**os.environ, "TEST_MARK": self._mark, **env},
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                # Whoever runs the tests may ignore it, as under nohup.
                preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL),
            )

    @property
    def pid(self) -> int:
        return self.process.pid

    def said(self, text: str) -> bool:
        return text in self.output.read_text()

    def until(self, text: str) -> None:
        """Wait until the program has said something."""
        eventually(lambda: self.said(text) or self.process.poll() is not None)
        assert self.said(text), self.output.read_text()

    def family(self) -> dict[int, str]:
        """Every living process that descends from the program, with its command line."""
        found = {}
        for entry in Path("/proc").iterdir():
            try:
                if f"TEST_MARK={self._mark}".encode() not in (entry / "environ").read_bytes():
                    continue
                if (entry / "stat").read_text().rpartition(")")[2].split()[0] in "ZX":
                    continue
                command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue
            found[int(entry.name)] = command
        return found

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Send a signal and wait for the end; return the exit status."""
        self.process.send_signal(number)
        return self.process.wait(timeout=60)

    def everything_is_gone(self) -> None:
        """Assert that no process is left."""
        eventually(lambda: not self.family(), seconds=30)


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Callable[..., Program]]:
    """Return a function that runs a module of ours as a program; what is left is killed after."""
    programs = []

    def start(*words: str, **env: str) -> Program:
        output = tmp_path / f"output-{len(programs)}"
        program = Program([sys.executable, "-m", *words], output, **env)
        programs.append(program)
        return program

    yield start
    for program in programs:
        for pid in program.family():
            with suppress(ProcessLookupError):  # it ended by itself meanwhile
                os.kill(pid, signal.SIGKILL)
        program.process.wait()
