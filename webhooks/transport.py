"""One POST to somebody else's server: to the address that was checked, and within bounds."""

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from urllib.parse import urlsplit

from webhooks.addresses import permitted_addresses

TIMEOUT_SECONDS = 10.0
"""For everything together: connecting, sending, and the whole answer."""
ANSWER_BYTES = 4096
"""More of an answer's body is not read."""


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    excerpt: str
    retry_after: str


class TransportError(Exception):
    """There was no answer; the text says why."""


def post(url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    """Send a body. Redirects are not followed, proxies not used.

    Raises
    ------
    RefusedError
        The URL leads where nothing is sent.
    TransportError
        The server could not be reached, or did not answer as HTTP asks, in time.
    """
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection = _PinnedConnection(parts.hostname or "", parts.port, tls=parts.scheme == "https")
    try:
        addresses = [(str(address), port) for address, port in permitted_addresses(parts)]
        connection.connect_to(addresses)
        connection.request("POST", target, body, dict(headers) | {"Connection": "close"})
        response = connection.getresponse()
        excerpt = response.read(ANSWER_BYTES).decode("utf-8", "replace")
        if connection.timed_out:  # cut, which looks like the answer's own end
            raise TimeoutError
        return Answer(response.status, excerpt, response.headers.get("Retry-After", ""))
    except (OSError, http.client.HTTPException, UnicodeError) as error:
        if connection.timed_out:
            raise TransportError(f"No answer within {TIMEOUT_SECONDS:.0f} s.") from error
        raise TransportError(_words(error)) from error
    finally:
        connection.close()


class _PinnedConnection(http.client.HTTPConnection):
    """Connects to given addresses instead of asking what the host's name means.

    The name still goes into the `Host` header, and the certificate must be for it.
    """

    def __init__(self, host: str, port: int | None, *, tls: bool) -> None:
        if tls:
            self.default_port = http.client.HTTPS_PORT
        super().__init__(host, port)
        self._tls = tls
        self._deadline = time.monotonic() + TIMEOUT_SECONDS
        self._watch: threading.Timer | None = None

    @property
    def timed_out(self) -> bool:
        """Whether its time is up."""
        return time.monotonic() >= self._deadline

    def connect_to(self, addresses: list[tuple[str, int]]) -> None:
        """Connect to the first address that lets it."""
        for number, address in enumerate(addresses):
            try:
                raw = socket.create_connection(address, timeout=max(self._left, 0.01))
                break
            except OSError:
                if number + 1 == len(addresses) or self.timed_out:
                    raise
        self.sock = raw
        raw.settimeout(max(self._left, 0.01))
        # A socket's own timeout is for each read: a server that drips would hold us for ever.
        self._watch = threading.Timer(self._left, self._cut, (raw,))
        self._watch.daemon = True
        self._watch.start()
        if self._tls:
            self.sock = _tls_context().wrap_socket(raw, server_hostname=self.host)

    def close(self) -> None:
        """Close it, and stop watching the time."""
        if self._watch:
            self._watch.cancel()
        super().close()

    @property
    def _left(self) -> float:
        return self._deadline - time.monotonic()

    def _cut(self, raw: socket.socket) -> None:
        for sock in (raw, self.sock):
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:  # it has ended by itself, or TLS has taken it over
                continue


@cache
def _tls_context() -> ssl.SSLContext:
    return ssl.create_default_context()


def _words(error: Exception) -> str:
    """Say what went wrong so that the endpoint's owner can act on it."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"Its certificate is not valid: {error.verify_message}."
    if isinstance(error, ssl.SSLError):
        return "TLS could not be agreed on."
    if isinstance(error, ConnectionRefusedError):
        return "Nobody listens there."
    if isinstance(error, TimeoutError):
        return "It could not be reached in time."
    if isinstance(error, OSError):
        return f"The connection failed: {error.strerror or 'it was cut'}."
    return "What came back is not HTTP."
