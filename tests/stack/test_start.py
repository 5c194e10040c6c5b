"""What is refused before anything starts, and where the sockets go."""

import os
import socket
from pathlib import Path

import pytest

from config.stack import folders, paths
from config.stack.errors import StackError
from config.stack.site import Site


def test_a_port_in_use_is_named_with_a_way_out():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(StackError, match=rf"Port {port} is in use.*--port"):
            Site("127.0.0.1", port, 1).check_port()
    Site("127.0.0.1", port, 1).check_port()


def test_an_address_of_another_machine_is_refused():
    with pytest.raises(StackError, match=r"Cannot listen on 192\.0\.2\.1.*--bind"):
        Site("192.0.2.1", 8000, 1).check_port()


@pytest.mark.parametrize(
    ("bind", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000"),
        ("0.0.0.0", "http://127.0.0.1:8000"),
        ("::1", "http://[::1]:8000"),
        ("voice.example.org", "http://voice.example.org:8000"),
    ],
)
def test_the_address_shown_can_be_opened(bind, url):
    assert Site(bind, 8000, 1).url == url


def test_sockets_lie_in_the_data_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("VOICETELL_DATA", "/srv/voice tell")
    assert paths.socket_dir() == Path("/srv/voice tell/run")


@pytest.mark.parametrize("name", ["x" * 90, "ä" * 45, "one, two"])
def test_an_unfit_path_puts_them_in_a_short_folder_of_this_user_and_this_data(monkeypatch, name):
    monkeypatch.setenv("VOICETELL_DATA", f"/srv/{name}")
    first = paths.socket_dir()
    monkeypatch.setenv("VOICETELL_DATA", f"/srv/{name}2")
    assert paths.socket_dir() != first
    for socket_path in (paths.redis_socket(), paths.postgres_socket_dir() / ".s.PGSQL.5432"):
        assert len(os.fsencode(socket_path)) <= 107
    assert f"-{os.getuid()}-" in first.name


def test_a_link_laid_by_somebody_is_not_followed(monkeypatch, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.setenv("VOICETELL_DATA", str(tmp_path / ("x" * 100)))
    link = paths.socket_dir()
    link.symlink_to(elsewhere)
    try:
        with pytest.raises(StackError, match="belongs to"):
            folders.prepare()
    finally:
        link.unlink()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a folder of somebody else's")
def test_somebody_elses_data_folder_is_refused(monkeypatch, tmp_path):
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    os.chown(theirs, 12_345, 12_345)
    monkeypatch.setenv("VOICETELL_DATA", str(theirs))
    with pytest.raises(StackError, match=r"belongs to user 12345.*VOICETELL_DATA"):
        folders.prepare()


def test_the_secret_key_is_made_once_and_is_private(monkeypatch, tmp_path):
    monkeypatch.setenv("VOICETELL_DATA", str(tmp_path / "data"))
    key = paths.secret_key()
    assert len(key) >= 50
    assert paths.secret_key() == key
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["secret_key"]
    assert (tmp_path / "data" / "secret_key").stat().st_mode & 0o777 == 0o600
