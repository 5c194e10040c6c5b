"""The parent's handle on the process of `detector.engine.decode_child`."""

import os
import select
import signal
import socket
import struct
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

READY = b"ready"
"""The zygote's first message: a child stands by."""

STATUS = struct.Struct("i")
"""Its message after each clip: how the child ended, in the form of `os.waitpid`."""

_ROOT = Path(__file__).resolve().parents[2]
_START_SECONDS = 30.0


class ZygoteGoneError(Exception):
    """The zygote ended before it answered."""


class Zygote:
    """A running zygote. It ends by itself when this process does, however that ends.

    Raises
    ------
    ZygoteGoneError
        It could not be started.
    TimeoutError
        It did not report in time.
    """

    def __init__(self) -> None:
        self._sock, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - nothing in it comes from outside
                [sys.executable, "-m", "detector.engine.decode_child", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                # No secret of ours is in its environment; a process group of its own keeps
                # the terminal's Ctrl-C away and makes it killable as a whole.
                env={"PATH": os.defpath, "PYTHONPATH": str(_ROOT), "LC_ALL": "C.UTF-8"},
                start_new_session=True,
            )
        try:
            if self._receive(_START_SECONDS) != READY:
                raise ZygoteGoneError
        except BaseException:
            self.kill()
            raise

    def ask(self, request: bytes, descriptors: Sequence[int], timeout: float) -> int:
        """Have one request answered by a child and wait until that child is dead.

        Parameters
        ----------
        request : bytes
            At most 4 KiB.
        descriptors : sequence of int
            What the child gets of this process: source, sink of the samples, sink of the reply.
        timeout : float
            Seconds to wait.

        Returns
        -------
        int
            The child's wait status.

        Raises
        ------
        ZygoteGoneError
            The zygote is dead.
        TimeoutError
            No answer in time; the zygote is of no use any more and should be killed.
        """
        try:
            socket.send_fds(self._sock, [request], descriptors)
        except OSError as error:
            raise ZygoteGoneError from error
        (status,) = STATUS.unpack(self._receive(timeout))
        return int(status)

    def _receive(self, timeout: float) -> bytes:
        poll = select.poll()
        poll.register(self._sock, select.POLLIN)
        if not poll.poll(timeout * 1000):
            raise TimeoutError
        try:
            message = self._sock.recv(64)
        except OSError as error:
            raise ZygoteGoneError from error
        if not message:
            raise ZygoteGoneError
        return message

    def forget(self) -> None:
        """Let go of a zygote that belongs to the process from which this one was forked."""
        self._sock.close()

    def close(self) -> None:
        """Let the zygote end, and see that it did."""
        self._sock.close()
        try:
            self._process.wait(timeout=2)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End the zygote and its child at once."""
        self._sock.close()
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
