"""Starts the parts one after the other, keeps them running, and stops them all."""

import ctypes
import os
import selectors
import signal
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from config.stack.errors import StackError
from config.stack.guard import Guard
from config.stack.logs import Log
from config.stack.parts import Child, Part, kill_session, send, session_members
from config.stack.terminal import Terminal

_PR_SET_CHILD_SUBREAPER = 36
_STOP_SIGNALS = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}
_LONGEST_PAUSE = 30
"""Seconds between two starts of a part that keeps dying."""
_ASK_AGAIN = 0.3
"""Seconds between two questions whether a part is ready."""
_LONG_RUN = 60
"""Seconds after which a part counts as well again."""


class Stopped(Exception):  # noqa: N818 - no error: somebody asked for the end
    """A signal asked the stack to stop."""


@dataclass
class _Kept:
    """A part that is kept running."""

    part: Part
    log: Log
    child: Child
    failures: int = 0
    restart_at: float | None = None
    is_ready: bool = False
    asked_at: float = 0


class Supervisor:
    """Runs parts and one-off steps; leaving the `with` block stops everything in reverse order.

    It is one thread: a loop that copies output, takes signals, and restarts what died. Between
    calls of its methods nothing of this happens, so a caller should not stay away for long.

    Parameters
    ----------
    logs : Path
        Folder of the parts' logs.
    terminal : Terminal
        Where progress is shown.
    """

    def __init__(self, logs: Path, terminal: Terminal) -> None:
        self._logs = logs
        self._terminal = terminal
        self._kept: list[_Kept] = []
        self._children: dict[int, Child] = {}
        self._selector = selectors.DefaultSelector()
        self._stopping = False
        self._hurry = False

    def __enter__(self) -> Self:
        # What a part's children leave behind becomes ours to reap and to kill.
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1)
        self._guard = Guard()
        self._wakeup, self._wakeup_sender = socket.socketpair()
        self._wakeup.setblocking(False)
        self._wakeup_sender.setblocking(False)
        signal.set_wakeup_fd(self._wakeup_sender.fileno(), warn_on_full_buffer=False)
        self._selector.register(self._wakeup, selectors.EVENT_READ)
        for number in (*_STOP_SIGNALS, signal.SIGCHLD):
            # Under nohup, hanging up is to be ignored.
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, lambda *_: None)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop_all()

    def start(self, part: Part, *, timeout: float = 60) -> None:
        """Start a part and wait until it is ready; from then on it is kept running.

        Raises
        ------
        StackError
            It ended, or was not ready in `timeout` seconds.
        Stopped
            A signal came.
        """
        part.prepare()
        log = Log(self._logs / f"{part.name}.log")
        kept = _Kept(part, log, self._launch(part, log))
        self._kept.append(kept)
        deadline = time.monotonic() + timeout
        while not part.ready():
            if kept.child.returncode is not None:
                self._bury(kept.child)
                raise StackError(f"{part.name} did not start ({kept.child.end}).\n{_tail(log)}")
            if time.monotonic() > deadline:
                raise StackError(f"{part.name} is not ready after {timeout:.0f} s.\n{_tail(log)}")
            self._pause(0.1)
        kept.is_ready = True

    def run(
        self, name: str, argv: Sequence[str], *, stdin: str = "", logged: bool = True
    ) -> list[str]:
        """Run a step to its end and return its last lines.

        Parameters
        ----------
        name : str
            Name of its log, and in messages.
        argv : sequence of str
            Its command line.
        stdin : str
            What it reads.
        logged : bool
            False where its output is a secret, which no log may hold.

        Raises
        ------
        StackError
            It failed.
        Stopped
            A signal came.
        """
        log = Log(self._logs / f"{name}.log" if logged else Path(os.devnull))
        child = self._launch(Part(name, argv), log, stdin)
        try:
            while child.returncode is None:
                self._turn(1.0)
        finally:
            self._bury(child)
        if child.returncode != 0:
            raise StackError(f"{name} failed ({child.end}).\n{_tail(log)}")
        return list(log.last)

    def wait_until(self, condition: Callable[[], bool], *, timeout: float, missing: str) -> None:
        """Wait for a condition that hangs on several parts.

        Raises
        ------
        StackError
            It did not come true in `timeout` seconds; the text begins with `missing`.
        Stopped
            A signal came.
        """
        deadline = time.monotonic() + timeout
        while not condition():
            if time.monotonic() > deadline:
                raise StackError(f"{missing} after {timeout:.0f} s.")
            self._pause(0.3)

    def keep_running(self) -> None:
        """Keep the parts running until a signal asks for the end (`Stopped`)."""
        while True:
            self._turn(60)

    def _launch(self, part: Part, log: Log, stdin: str = "") -> Child:
        child = Child(part, log, stdin=stdin.encode())
        self._children[child.pid] = child
        self._selector.register(child.output, selectors.EVENT_READ, child)
        self._guard.watch(child.pid, part.stop_signal)
        return child

    def _bury(self, child: Child) -> None:
        """Kill what is left of a child's session and let go of it."""
        kill_session(child.pid)
        child.wait()
        if child.output in self._selector.get_map():
            self._selector.unregister(child.output)
        child.close()
        del self._children[child.pid]
        self._guard.forget(child.pid)

    def _pause(self, seconds: float) -> None:
        """Work on for some time, so that questions do not follow on each line of output."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            self._turn(left)

    def _turn(self, timeout: float) -> None:
        """Wait for something to happen, at most `timeout` seconds, and deal with it."""
        if any(not kept.is_ready for kept in self._kept):
            timeout = min(timeout, _ASK_AGAIN)
        for key, _ in self._selector.select(timeout):
            if key.data is None:
                self._take_signals()
            elif not key.data.read():
                self._selector.unregister(key.fileobj)
        if not self._stopping:
            for kept in self._kept:
                self._look_after(kept)
        self._reap_orphans()

    def _take_signals(self) -> None:
        asked = _STOP_SIGNALS.intersection(self._wakeup.recv(1024))
        if self._stopping:
            # A closing terminal hangs up more than once; a person who repeats means it.
            self._hurry = self._hurry or bool(asked - {signal.SIGHUP})
        elif asked:
            raise Stopped

    def _look_after(self, kept: _Kept) -> None:
        """Restart a part that died, after a pause that grows while it keeps dying."""
        now = time.monotonic()
        if kept.restart_at is not None:
            if now >= kept.restart_at:
                kept.restart_at = None
                kept.part.prepare()
                kept.child = self._launch(kept.part, kept.log)
        elif kept.child.returncode is not None and (kept.is_ready or kept.failures):
            self._bury(kept.child)
            if now - kept.child.started > _LONG_RUN:
                kept.failures = 0
            pause = min(2**kept.failures, _LONGEST_PAUSE)
            kept.failures += 1
            kept.is_ready = False
            kept.restart_at = now + pause
            self._terminal.say(
                f"{kept.part.name} ended ({kept.child.end}); it is started again in {pause} s. "
                f"Its last lines:\n{_tail(kept.log)}"
            )
        elif not kept.is_ready and kept.failures and now - kept.asked_at > _ASK_AGAIN:
            kept.asked_at = now
            if kept.part.ready():
                kept.is_ready = True
                self._terminal.say(f"{kept.part.name} runs again.")

    def _reap_orphans(self) -> None:
        """Bury processes whose parents are gone, and replace a guard that was killed."""
        while True:
            try:
                found = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            except ChildProcessError:
                return
            if found is None or found.si_pid in self._children:
                return
            os.waitpid(found.si_pid, 0)
            if found.si_pid == self._guard.pid:
                self._guard.dismiss()
                self._guard = Guard()
                for child in self._children.values():
                    self._guard.watch(child.pid, child.part.stop_signal)
                self._terminal.say("The guard ended; another one watches.")

    def _stop_all(self) -> None:
        self._stopping = True
        for kept in reversed(self._kept):
            child = kept.child
            if child.pid not in self._children:
                continue
            with self._terminal.task(f"Stopping {kept.part.name}"):
                send(child.pid, kept.part.stop_signal)
                deadline = time.monotonic() + kept.part.grace
                while session_members(child.pid) and time.monotonic() < deadline:
                    if self._hurry:
                        break
                    self._turn(0.1)
                self._bury(child)
        self._guard.dismiss()


def _tail(log: Log) -> str:
    return "\n".join(f"    {line}" for line in log.last)
