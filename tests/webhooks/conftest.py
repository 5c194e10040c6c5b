"""A real server that receives, and endpoints that point at it."""

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from typing import Any

import pytest

from accounts.models import User
from webhooks import signing
from webhooks.models import Delivery, Endpoint, EventType
from webhooks.services import create_endpoint


@dataclass
class Received:
    """One request."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """Somebody's server: what it got, and what it answers."""

    host: str
    port: int
    answers: list[tuple[int, dict[str, str], bytes]] = field(default_factory=list)
    """Taken one by one; 204 when there are no more."""
    got: list[Received] = field(default_factory=list)
    before_answer: Callable[[BaseHTTPRequestHandler], None] = lambda _: None

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}/hook?from=voicetell"


def _handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            receiver.got.append(Received(self.path, headers, body))
            receiver.before_answer(self)
            status, more, content = receiver.answers.pop(0) if receiver.answers else (204, {}, b"")
            self.send_response(status)
            for name, value in more.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            with suppress(ConnectionError):
                self.wfile.write(content)

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    return Handler


@pytest.fixture
def listen() -> Iterator[Callable[..., Receiver]]:
    """Return a function that starts a server at an address of this machine."""
    servers: list[ThreadingHTTPServer] = []

    def start(host: str = "127.0.0.1", port: int = 0) -> Receiver:
        receiver = Receiver(host, port)
        server = ThreadingHTTPServer((host, port), _handler(receiver))
        server.daemon_threads = True
        receiver.port = server.server_address[1]
        servers.append(server)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        return receiver

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def receiver(listen: Callable[..., Receiver], settings: Any) -> Receiver:
    """A server in a network that the operator has opened."""
    settings.WEBHOOK_NETWORKS = [ip_network("127.0.0.1/32")]
    return listen()


@pytest.fixture
def endpoint(receiver: Receiver, owner: User) -> Endpoint:
    """The owner's endpoint at that server, which listens to everything."""
    return create_endpoint(owner=owner, url=receiver.url, events=EventType.values)[0]


@pytest.fixture
def secret(endpoint: Endpoint) -> str:
    """What the receiver checks signatures with."""
    return signing.secret(endpoint.salt)


@pytest.fixture
def delivery(endpoint: Endpoint) -> Delivery:
    """A message that waits to be sent."""
    return endpoint.deliveries.create(event=EventType.RUN_DONE, data={"id": "r-1"})
