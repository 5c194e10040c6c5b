"""Real processes of the product, as tests start, watch and kill them."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection


def wait_for(condition: Callable[[], Any], what: str, *, seconds: float = 180) -> Any:
    """Return the condition's first true value; fail the test if it never comes.

    A worker that starts beside other work on two cores took more than a minute once.
    """
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline, f"not within {seconds:.0f} s: {what}"
        time.sleep(0.01)
    return value


started: list["Program"] = []
"""Every program of this session: whose words belong to a failure is hard to tell before."""


class Program:
    """A running program of ours in a session of its own, with its output in a file."""

    def __init__(self, argv: list[str], log: Path, env: dict[str, str] | None = None) -> None:
        self.log = log
        started.append(self)
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                argv,
                cwd=settings.BASE_DIR,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def said(self) -> str:
        """Everything that it has printed."""
        return self.log.read_text(errors="replace")

    def fail_if_ended(self) -> None:
        """Fail the test, with what was printed, if the program is not running any more."""
        assert self.process.poll() is None, self.said()

    def signal_all(self, number: int) -> None:
        """Signal the program with everything that it has started."""
        for pid in [self.process.pid, *descendants(self.process.pid)]:
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    def stop(self) -> int:
        """Ask it to end, and see that it does."""
        self.process.terminate()
        try:
            return self.process.wait(timeout=40)
        except subprocess.TimeoutExpired:
            self.signal_all(signal.SIGKILL)
            self.process.wait()
            raise

    def kill(self) -> None:
        """`kill -9` of everything, as when the machine's memory runs out."""
        self.signal_all(signal.SIGKILL)
        self.process.wait()


def free_port() -> int:
    """Return a port on which nobody listens now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment_of_tests() -> dict[str, str]:
    """Environment in which our programs work on the test database."""
    database = os.environ.get("DATABASE_URL") or settings_database_url()
    head, _, query = database.partition("?")
    name = connection.settings_dict["NAME"]
    return {
        **os.environ,
        "DATABASE_URL": f"{head.rpartition('/')[0]}/{name}" + (f"?{query}" if query else ""),
        "REDIS_URL": settings.REDIS_URL,
        "OMP_NUM_THREADS": "1",
    }


def settings_database_url() -> str:
    """URL of the embedded database."""
    from config.stack.paths import embedded_database_url

    return embedded_database_url()


def worker(log: Path, queue: str = "predict") -> Program:
    """Start a worker of one process or thread, as `up` does."""
    argv = [sys.executable, "-m", "celery", "-A", "config", "worker", "--queues", queue]
    argv += ["--pool", "threads"] if queue == "upkeep" else []
    argv += ["--concurrency", "1", "--without-gossip", "--without-mingle"]
    return Program([*argv, "--loglevel", "INFO"], log, environment_of_tests())


def parents() -> Iterator[tuple[int, int]]:
    """All living processes, each with its parent."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                state, parent = (entry / "stat").read_text().rpartition(")")[2].split()[:2]
                if state not in "ZX":
                    yield int(entry.name), int(parent)


def children(pid: int) -> list[int]:
    """Processes that this one has started and that still live."""
    return sorted(child for child, parent in parents() if parent == pid)


def descendants(pid: int) -> list[int]:
    """Children, and theirs."""
    return [found for child in children(pid) for found in (child, *descendants(child))]


def command_line(pid: int) -> str:
    """How a process was called; empty when it is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""
