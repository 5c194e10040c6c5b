"""The embedded services by themselves: what tests and development need of the stack."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from config.stack import folders, postgres, redis
from config.stack.errors import StackError
from config.stack.parts import Part, end_with_parent
from config.stack.paths import BASE_DIR, is_configured, log_dir
from config.stack.supervisor import Stopped, Supervisor
from config.stack.terminal import Terminal

READY = "The services are ready."


def start_services(supervisor: Supervisor, terminal: Terminal) -> None:
    """Start PostgreSQL and Redis, each unless its URL is set."""
    if not is_configured("DATABASE_URL"):
        with terminal.task("Starting PostgreSQL"):
            postgres.create_cluster(lambda argv, text: supervisor.run("initdb", argv, stdin=text))
            supervisor.start(
                Part(
                    "postgres",
                    postgres.command(),
                    ready=postgres.is_ready,
                    prepare=postgres.prepare,
                    # Its "fast" way to stop: SIGTERM would wait for every client to leave.
                    stop_signal=signal.SIGINT,
                    grace=30,
                )
            )
    if not is_configured("REDIS_URL"):
        with terminal.task("Starting Redis"):
            supervisor.start(
                Part(
                    "redis",
                    redis.command(),
                    ready=redis.is_ready,
                    prepare=redis.prepare,
                    grace=20,
                )
            )


def run_services() -> None:
    """Run the embedded services until a signal asks for the end, or the parent ends.

    Raises
    ------
    StackError
        One does not start.
    """
    end_with_parent(os.getppid(), signal.SIGTERM)
    terminal = Terminal()
    folders.prepare()
    with folders.hold_data_dir(), Supervisor(log_dir(), terminal) as supervisor:
        try:
            start_services(supervisor, terminal)
            terminal.say(READY)
            supervisor.keep_running()
        except Stopped:
            return


@contextmanager
def services(data_dir: Path) -> Iterator[None]:
    """Embedded PostgreSQL and Redis for as long as the block runs, with their data in `data_dir`.

    `VOICETELL_DATA` is set meanwhile, so that settings loaded in the block find them. They run
    under a supervisor of their own, and end with this process however it ends.

    Raises
    ------
    StackError
        One does not start; the text says why.
    """
    before = os.environ.get("VOICETELL_DATA")
    os.environ["VOICETELL_DATA"] = str(data_dir)
    process = subprocess.Popen(
        [sys.executable, "-m", "config.stack", "services"],
        cwd=BASE_DIR,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        # A Ctrl-C is for the tests, which still need the services while they end.
        start_new_session=True,
    )
    assert process.stdout is not None
    said = []
    try:
        for line in process.stdout:
            said.append(line)
            if line.strip() == READY:
                break
        else:
            raise StackError("".join(said))
        yield
    finally:
        process.terminate()
        process.communicate()
        if before is None:
            del os.environ["VOICETELL_DATA"]
        else:
            os.environ["VOICETELL_DATA"] = before
