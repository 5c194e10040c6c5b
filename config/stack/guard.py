"""A small process that stops every part when the supervisor dies without doing so.

The supervisor tells it by a pipe which sessions there are; the end of the pipe is the end of the
supervisor, however it came. A parent-death signal alone reaches only the parts' main processes,
not the workers that these have forked.
"""

import os
import signal
import time

from config.stack.parts import kill_session, send, session_members

_GRACE = 10
"""Seconds for all parts together. They are asked at the same time, so workers find the broker gone
and may hang; what they had in hand is taken up again from its row."""


class Guard:
    """The supervisor's side of the pipe, and the process behind it."""

    def __init__(self) -> None:
        read_end, self._pipe = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(self._pipe)
            _keep(read_end)
        os.close(read_end)

    def watch(self, leader: int, stop_signal: int) -> None:
        """Have the session of `leader` stopped if this process dies."""
        self._tell(f"{leader} {int(stop_signal)}\n")

    def forget(self, leader: int) -> None:
        """The session of `leader` is gone."""
        self._tell(f"{leader}\n")

    def dismiss(self) -> None:
        """End the guard, when all has been stopped."""
        os.close(self._pipe)

    def _tell(self, line: str) -> None:
        try:
            os.write(self._pipe, line.encode())
        except BrokenPipeError:
            # The guard was killed; the supervisor learns it as its parent and makes another.
            return


def _keep(pipe: int) -> None:
    """Run as the guard's process; never returns."""
    os.setsid()
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    sessions: dict[int, int] = {}
    with os.fdopen(pipe) as lines:
        for line in lines:
            leader, *stop_signal = map(int, line.split())
            if stop_signal:
                sessions[leader] = stop_signal[0]
            else:
                sessions.pop(leader, None)
    for leader in sessions:
        send(leader, sessions[leader])
    deadline = time.monotonic() + _GRACE
    while any(map(session_members, sessions)) and time.monotonic() < deadline:
        time.sleep(0.1)
    for leader in sessions:
        kill_session(leader)
    os._exit(0)
