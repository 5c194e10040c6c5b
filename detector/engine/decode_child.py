"""The process that decodes: a zygote that forks one confined child for each clip.

`detector.engine.zygote.Zygote` starts it as ``python -m detector.engine.decode_child FD``; FD is a
SEQPACKET socket. Each child is forked ahead of its clip, so that no clip waits for a fork. It
receives one message, the request as JSON with three descriptors (source, sink of the samples,
sink of the reply), closes the socket, gives up its rights and decodes. Only the zygote ever writes
to the socket: the wait status of the child, once that is dead. So a child that a clip has taken
over can neither answer for another clip nor outlive its own.
"""

import gc
import json
import os
import select
import signal
import socket
import sys
from typing import Any, NoReturn

from detector.engine import sandbox
from detector.engine.errors import ClipError
from detector.engine.transcode import Source, transcode, warm_up
from detector.engine.zygote import READY, STATUS


def main() -> None:
    """Fork, wait, report, until the other end of the socket is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sock = socket.socket(fileno=int(sys.argv[1]))
    warm_up()
    gc.collect()
    gc.freeze()
    word = READY
    while True:
        me = os.getpid()
        child = os.fork()
        if child == 0:
            _serve(sock, me)
        try:
            sock.send(word)
        except OSError:
            return
        if _closed_before_exit(sock, child):
            os.kill(child, signal.SIGKILL)
            return
        word = STATUS.pack(os.waitpid(child, 0)[1])


def _closed_before_exit(sock: socket.socket, child: int) -> bool:
    """Wait until the child ends (False) or the other end of the socket is closed (True)."""
    handle = os.pidfd_open(child)
    try:
        poll = select.poll()
        poll.register(sock, 0)  # closing is reported without being asked for
        poll.register(handle, select.POLLIN)
        return any(fd == sock.fileno() for fd, _ in poll.poll())
    finally:
        os.close(handle)


def _serve(sock: socket.socket, zygote: int) -> NoReturn:
    """Be the child: take one request, answer it, end."""
    code = 1
    try:
        sandbox.die_with_parent()
        if os.getppid() == zygote:
            message, descriptors, _, _ = socket.recv_fds(sock, 4096, 3)
            sock.close()
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
