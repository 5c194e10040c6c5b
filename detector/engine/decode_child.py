"""The process that decodes: a zygote that forks one confined child for each clip.

`detector.engine.zygote.Zygote` starts it as ``python -m detector.engine.decode_child FD``; FD is a
SEQPACKET socket. A request is one message, JSON with three descriptors (source, sink of the
samples, sink of the reply); the answer on the socket is the wait status of the child, once that
is dead. Each child is forked ahead of its clip, so that no clip waits for a fork, and hears of its
own request only: a child that a clip has taken over can neither answer for another clip nor
outlive its own.
"""

import gc
import json
import os
import select
import signal
import socket
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

from detector.engine import sandbox
from detector.engine.errors import ClipError
from detector.engine.transcode import Source, transcode, warm_up
from detector.engine.zygote import READY, STATUS


def main() -> None:
    """Fork, pass the request on, wait, report, until the other end of the socket is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sock = socket.socket(fileno=int(sys.argv[1]))
    warm_up()
    gc.collect()
    gc.freeze()
    word = READY
    while True:
        child = _Child(sock)
        try:
            sock.send(word)
            message, descriptors, _, _ = socket.recv_fds(sock, 4096, 3)
        except OSError:
            return
        if not message:
            return
        while not child.take(message, descriptors):
            child = _Child(sock)  # the one that stood by was killed
        for fd in descriptors:
            os.close(fd)
        status = child.wait(sock)
        if status is None:
            return
        word = STATUS.pack(status)


class _Child:
    """A fork that stands by for one request. It ends with the zygote."""

    def __init__(self, sock: socket.socket) -> None:
        zygote = os.getpid()
        self._link, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._pid = os.fork()
        if self._pid == 0:
            sock.close()
            self._link.close()
            _serve(theirs, zygote)
        theirs.close()

    def take(self, message: bytes, descriptors: Sequence[int]) -> bool:
        """Hand the request over, if the child is still there."""
        try:
            socket.send_fds(self._link, [message], descriptors)
        except OSError:
            os.waitpid(self._pid, 0)
            return False
        finally:
            self._link.close()
        return True

    def wait(self, sock: socket.socket) -> int | None:
        """Return the child's wait status, or None if `sock` is closed first: then end it."""
        handle = os.pidfd_open(self._pid)
        poll = select.poll()
        poll.register(sock, 0)  # its end is reported without being asked for
        poll.register(handle, select.POLLIN)
        ended = all(fd == handle for fd, _ in poll.poll())
        os.close(handle)
        if not ended:
            os.kill(self._pid, signal.SIGKILL)
        status = os.waitpid(self._pid, 0)[1]
        return status if ended else None


def _serve(link: socket.socket, zygote: int) -> NoReturn:
    """Be the child: take one request, answer it, end."""
    code = 1
    try:
        sandbox.die_with_parent()
        if os.getppid() == zygote:
            message, descriptors, _, _ = socket.recv_fds(link, 4096, 3)
            link.close()
            if message:
                _answer(json.loads(message), *descriptors)
            code = 0
    except Exception:
        sys.excepthook(*sys.exc_info())
    finally:
        # No clean-up of Python's: the process holds nothing that outlives it.
        os._exit(code)


def _answer(request: dict[str, Any], source_fd: int, samples_fd: int, reply_fd: int) -> None:
    source = Source(source_fd, request["start"])
    with open(samples_fd, "wb", buffering=1 << 18) as sink:
        sandbox.confine(**request["limits"])
        try:
            reply = transcode(source, sink, **request["clip"])
            sink.flush()
        except ClipError as error:
            reply = {"error": error.code, "params": error.params}
        except MemoryError:
            reply = {"error": "decoder_memory", "params": {}}
        os.pwrite(reply_fd, json.dumps(reply).encode(), 0)
        os._exit(0)


if __name__ == "__main__":
    main()
