"""A part of the stack: one program that runs as long as the stack does."""

import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from config.stack.errors import StackError
from config.stack.logs import Log
from config.stack.paths import BASE_DIR

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)


@dataclass(frozen=True)
class Part:
    """What the supervisor needs to know of a program.

    Parameters
    ----------
    name : str
        Name of its log, and in messages.
    argv : sequence of str
        Its command line.
    ready : callable
        Says whether it does its work; asked again and again after each start.
    env : mapping
        What is added to this process's environment.
    prepare : callable
        Called before each start, the later ones too.
    stop_signal : signal
        Asks it to end in an orderly way.
    grace : float
        Seconds that it then has before it is killed, with all that it started.
    """

    name: str
    argv: Sequence[str]
    ready: Callable[[], bool] = lambda: True
    env: Mapping[str, str] = field(default_factory=dict)
    prepare: Callable[[], None] = lambda: None
    stop_signal: signal.Signals = signal.SIGTERM
    grace: float = 10


def end_with_parent(parent: int, number: signal.Signals) -> None:
    """Have the kernel send this process a signal when its parent ends, however that ends."""
    _libc.prctl(_PR_SET_PDEATHSIG, number)
    if os.getppid() != parent:
        os._exit(1)


class Child:
    """A part's process, which leads a session of its own, and the output that it writes."""

    def __init__(self, part: Part, log: Log, *, stdin: bytes = b"") -> None:
        self.part = part
        self.log = log
        self.started = time.monotonic()
        supervisor = os.getpid()
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own command lines
                part.argv,
                stdin=subprocess.PIPE if stdin else subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                cwd=BASE_DIR,
                env={**os.environ, **part.env},
                start_new_session=True,
                # Beside the guard: for a supervisor and a guard that are killed together.
                preexec_fn=lambda: end_with_parent(supervisor, part.stop_signal),
            )
        except OSError as error:
            raise StackError(f"Cannot run {part.argv[0]}: {error.strerror}") from error
        self.pid = self._process.pid
        if self._process.stdin:
            self._process.stdin.write(stdin)
            self._process.stdin.close()
        assert self._process.stdout is not None
        self.output = self._process.stdout
        os.set_blocking(self.output.fileno(), False)

    @property
    def returncode(self) -> int | None:
        """Exit status (negative: the signal that ended it), or None while it runs."""
        return self._process.poll()

    @property
    def end(self) -> str:
        """How it ended, in words."""
        code = self.returncode
        if code is not None and code < 0:
            return f"killed by {signal.Signals(-code).name}"
        return f"exit status {code}"

    def read(self) -> bool:
        """Move what it has written to the log; False when there will be no more."""
        try:
            data = os.read(self.output.fileno(), 65_536)
        except BlockingIOError:
            return True
        self.log.write(data)
        return bool(data)

    def wait(self) -> None:
        """Wait for its end, which has been brought about."""
        self._process.wait()

    def close(self) -> None:
        """Read the rest of its output and let go of the pipe."""
        while not self.output.closed:
            try:
                data = os.read(self.output.fileno(), 65_536)
            except BlockingIOError:
                data = b""
            if data:
                self.log.write(data)
            else:
                self.log.flush()
                self.output.close()


def session_members(leader: int) -> list[int]:
    """Processes of the session that `leader` founded, zombies left out."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            # After the name in brackets: state, parent, group, session, ...
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == leader and fields[0] not in "ZX":
            found.append(int(entry.name))
    return found


def send(pid: int, number: int) -> None:
    """Signal a process that may be gone already."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def kill_session(leader: int) -> None:
    """Kill what is left of a session."""
    for pid in session_members(leader):
        send(pid, signal.SIGKILL)
