"""The client's manners: it tries again where that is right, once where it is not."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.utils import timezone
from voicetell_client import ApiError, Client, NotReachableError, WebhookError, verify_webhook

from accounts.models import User
from webhooks import signing
from webhooks.services import create_endpoint


class Server:
    """Answers what it was told to, and remembers what it was asked."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, dict[str, str]]] = []
        self.asked: list[dict[str, str]] = []
        self.url = ""


@pytest.fixture
def server() -> Iterator[Server]:
    told = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            told.asked.append({name.lower(): text for name, text in self.headers.items()})
            status, more = told.answers.pop(0) if told.answers else (200, {})
            self.send_response(status)
            for name, text in more.items():
                self.send_header(name, text)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        do_POST = do_GET  # noqa: N815 - the name that the standard library calls

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=http.serve_forever, args=(0.01,), daemon=True).start()
    told.url = f"http://127.0.0.1:{http.server_address[1]}"
    yield told
    http.shutdown()
    http.server_close()


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long the client would have waited."""
    pauses: list[float] = []
    monkeypatch.setattr("time.sleep", pauses.append)
    return pauses


def test_a_busy_server_is_asked_again_when_it_says_so(server: Server, slept: list[float]) -> None:
    server.answers = [(503, {"Retry-After": "7"}), (429, {"Retry-After": "9"})]
    with Client(server.url, "vt_a_b") as client:
        assert client.retrain() == {}
    assert slept == [7.0, 9.0]
    keys = {request["idempotency-key"] for request in server.asked}
    assert len(server.asked) == 3
    assert len(keys) == 1


def test_two_wishes_have_two_keys(server: Server) -> None:
    with Client(server.url, "vt_a_b") as client:
        client.retrain()
        client.retrain()
    assert len({request["idempotency-key"] for request in server.asked}) == 2


def test_a_mistake_is_not_repeated(server: Server, slept: list[float]) -> None:
    server.answers = [(400, {}), (500, {})]
    with Client(server.url, "vt_a_b") as client:
        for status in (400, 500):
            with pytest.raises(ApiError) as error:
                client.health()
            assert error.value.status == status
    assert slept == []


def test_it_gives_up_in_the_end(server: Server, slept: list[float]) -> None:
    server.answers = [(503, {})] * 10
    with Client(server.url, "vt_a_b", retries=3) as client, pytest.raises(ApiError):
        client.health()
    assert len(server.asked) == 4
    assert slept == sorted(slept)


def test_nobody_there_is_said(slept: list[float]) -> None:
    with Client("http://127.0.0.1:1", "vt_a_b") as client, pytest.raises(NotReachableError):
        client.health()
    assert len(slept) == 4


def test_without_a_server_or_a_token_it_says_what_is_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("VOICETELL_URL", raising=False)
    with pytest.raises(ValueError, match="VOICETELL_URL"):
        Client()


@pytest.mark.django_db
def test_a_webhook_of_the_server_is_known_and_nothing_else(owner: User) -> None:
    endpoint, secret = create_endpoint(owner=owner, url="https://a.example/", events=["run.done"])
    body = b'{"type":"run.done","timestamp":"2026-11-23T10:00:00+00:00","data":{"id":"1"}}'
    headers = signing.signed_headers(endpoint, "msg_1", body, timezone.now())
    event = verify_webhook(secret, {k.upper(): v for k, v in headers.items()}, body)
    assert (event.id, event.type, event.data) == ("msg_1", "run.done", {"id": "1"})
    long_ago = timezone.now() - timedelta(hours=1)
    old = signing.signed_headers(endpoint, "msg_1", body, long_ago)
    for wrong in (
        (secret, headers, body + b" "),
        ("whsec_" + "A" * 44, headers, body),
        (secret, old, body),
        (secret, headers | {"webhook-id": "msg_2"}, body),
        (secret, {}, body),
    ):
        with pytest.raises(WebhookError):
            verify_webhook(*wrong)
