"""A delivery goes where it may, and to the address that was checked, within bounds."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from ipaddress import ip_network
from typing import Any

import pytest

from tests.webhooks.conftest import Receiver
from webhooks import transport
from webhooks.addresses import RefusedError, check_url
from webhooks.transport import TransportError, post

INSIDE = [
    "127.0.0.1",
    "localhost",
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "017700000001",
    "127.1",
    "0.0.0.0",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]",
    "[::]",
    "10.0.0.7",
    "172.16.3.4",
    "192.168.1.1",
    "100.64.0.1",
    "169.254.169.254",
    "[fd00:ec2::254]",
    "[fe80::1]",
    "224.0.0.1",
    "255.255.255.255",
]


@pytest.mark.parametrize("host", INSIDE)
def test_nothing_is_sent_into_the_own_network(
    host: str, listen: Callable[..., Receiver], settings: Any
) -> None:
    settings.WEBHOOK_NETWORKS = []
    inside = listen("0.0.0.0")
    with pytest.raises(RefusedError):
        post(f"http://{host}:{inside.port}/", b"{}", {})
    assert inside.got == []


@pytest.mark.parametrize("host", ["127.0.0.1", "2130706433", "[::ffff:127.0.0.1]"])
def test_an_opened_network_is_reached_however_it_is_written(host: str, receiver: Receiver) -> None:
    # The mapped form connects through an IPv6 socket to the same server.
    assert post(f"http://{host}:{receiver.port}/a", b"{}", {"x-own": "1"}).status == 204
    assert receiver.got[0].headers["x-own"] == "1"
    assert receiver.got[0].headers["host"] == f"{host}:{receiver.port}"


def test_on_the_internet_only_https_is_used(settings: Any) -> None:
    settings.WEBHOOK_NETWORKS = []
    with pytest.raises(RefusedError, match="https"):
        post("http://93.184.216.34/", b"{}", {})


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """Return a function that sets a name server's answers, which it gives one after the other."""

    def answer(*addresses: str) -> list[str]:
        left = list(addresses)
        asked: list[str] = []
        real = socket.getaddrinfo

        def resolve(host: Any, *args: Any, **more: Any) -> Any:
            if host != "rebind.test":
                return real(host, *args, **more)
            asked.append(host)
            return real(left.pop(0) if len(left) > 1 else left[0], *args, **more)

        monkeypatch.setattr(socket, "getaddrinfo", resolve)
        return asked

    return answer


def test_a_name_that_changes_its_mind_gains_nothing(
    names: Callable[..., list[str]], listen: Callable[..., Receiver], settings: Any
) -> None:
    settings.WEBHOOK_NETWORKS = [ip_network("127.0.0.2/32")]
    checked = listen("127.0.0.2")
    inside = listen("127.0.0.1", checked.port)
    asked = names("127.0.0.2", "127.0.0.1")
    url = f"http://rebind.test:{checked.port}/"
    assert post(url, b"{}", {}).status == 204
    assert len(asked) == 1
    assert (len(checked.got), len(inside.got)) == (1, 0)
    with pytest.raises(RefusedError):
        post(url, b"{}", {})
    assert (len(checked.got), len(inside.got)) == (1, 0)


def test_a_redirect_is_an_answer_and_is_not_followed(
    receiver: Receiver, listen: Callable[..., Receiver]
) -> None:
    elsewhere = listen()
    receiver.answers = [(307, {"Location": elsewhere.url}, b"")]
    assert post(receiver.url, b"{}", {}).status == 307
    assert elsewhere.got == []


def test_a_long_answer_is_cut(receiver: Receiver) -> None:
    receiver.answers = [(500, {}, b"x" * 10_000_000)]
    answer = post(receiver.url, b"{}", {})
    assert len(answer.excerpt) == transport.ANSWER_BYTES


@pytest.fixture
def dripping() -> Iterator[int]:
    """Port of a server whose answer comes byte by byte and never ends."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        stop = threading.Event()

        def drip() -> None:
            client, _ = server.accept()
            with closing(client):
                client.sendall(b"HTTP/1.1 200 OK\r\n")
                while not stop.wait(0.02):
                    try:
                        client.sendall(b"X-A: b\r\n"[:1])
                    except OSError:
                        return

        thread = threading.Thread(target=drip, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        stop.set()
        thread.join()


def test_a_server_that_drips_does_not_hold_us(
    dripping: int, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.WEBHOOK_NETWORKS = [ip_network("127.0.0.1/32")]
    monkeypatch.setattr(transport, "TIMEOUT_SECONDS", 0.3)
    with pytest.raises(TransportError, match="No answer within"):
        post(f"http://127.0.0.1:{dripping}/", b"{}", {})


def test_a_certificate_must_be_valid(receiver: Receiver) -> None:
    with pytest.raises(TransportError, match=r"TLS|certificate|cut"):
        post(f"https://127.0.0.1:{receiver.port}/", b"{}", {})


def test_nobody_there_is_said(settings: Any) -> None:
    settings.WEBHOOK_NETWORKS = [ip_network("127.0.0.1/32")]
    with pytest.raises(TransportError, match="Nobody listens"):
        post("http://127.0.0.1:1/", b"{}", {})
    with pytest.raises(RefusedError, match="resolved"):
        post("https://no-such-host.invalid/", b"{}", {})


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.org/",
        "file:///etc/passwd",
        "gopher://example.org",
        "//example.org/",
        "https://",
        "https://user:secret@example.org/",
        "https://example.org/#part",
        "https://exa mple.org/",
        "https://example.org/\r\nX-Injected: 1",
        "https://example.org:0/",
        "https://example.org:99999/",
        "https://[::1/",
    ],
)
def test_what_is_no_address_is_not_kept(url: str) -> None:
    assert check_url(url)


def test_an_address_is_kept() -> None:
    assert not check_url("https://hooks.example.org:8443/voicetell?team=1")
