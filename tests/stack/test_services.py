"""Embedded PostgreSQL and Redis, really started: what is written stays, nothing is left over."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from redis import Redis

from config.stack.errors import StackError
from config.stack.paths import (
    data_dir,
    embedded_redis_url,
    log_dir,
    postgres_socket_dir,
)
from config.stack.services import READY, services
from tests.stack.conftest import Program, eventually

pytestmark = pytest.mark.stack


@pytest.fixture
def embedded(run: Callable[..., Program], monkeypatch, tmp_path) -> Callable[[], Program]:
    """Return a function that runs the two services on the same data each time."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("REDIS_URL", raising=False)
    monkeypatch.setenv("VOICETELL_DATA", str(tmp_path / "its data"))
    # As root, PostgreSQL is another user: pytest's own folders are closed to it on purpose, which
    # is the case of a checkout in /root.
    return lambda: run("config.stack", "services")


def connect() -> psycopg.Connection:
    return psycopg.connect(
        host=str(postgres_socket_dir()), user="voicetell", dbname="voicetell", autocommit=True
    )


def test_data_outlives_a_supervisor_that_was_killed(embedded):
    first = embedded()
    first.until(READY)
    with connect() as connection:
        connection.execute("CREATE TABLE kept AS SELECT 'ä'::text AS word")
    with Redis.from_url(embedded_redis_url()) as redis:
        redis.set("kept", "yes")
        redis.wait(0, 0)
    eventually(lambda: b"kept" in aof())
    first.stop(signal.SIGKILL)
    second = embedded()
    second.until(READY)
    with connect() as connection:
        assert connection.execute("SELECT upper(word) FROM kept").fetchall() == [("Ä",)]
    with Redis.from_url(embedded_redis_url()) as redis:
        assert redis.get("kept") == b"yes"
    assert second.stop() == 0
    first.everything_is_gone()
    second.everything_is_gone()


def aof() -> bytes:
    return (data_dir() / "redis" / "appendonly.aof").read_bytes()


def test_a_killed_database_is_back_with_its_data(embedded):
    program = embedded()
    program.until(READY)
    with connect() as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS one")
    pid_file = data_dir() / "postgres" / "postmaster.pid"
    os.kill(int(pid_file.read_text().split()[0]), signal.SIGKILL)
    program.until("postgres runs again.")
    with connect() as connection:
        assert connection.execute("SELECT one FROM kept").fetchall() == [(1,)]
    program.stop()


def test_a_stale_pid_file_with_a_living_number_does_not_block(embedded):
    program = embedded()
    program.until(READY)
    pid_file = data_dir() / "postgres" / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    program.stop()
    # As after a container's restart: the number belongs to some other program of this user.
    pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    again = embedded()
    again.until(READY)
    again.stop()


def test_a_second_instance_on_the_same_data_is_refused(embedded):
    program = embedded()
    program.until(READY)
    second = embedded()
    assert second.process.wait(timeout=60) == 1
    assert second.said(f"in use by another Voicetell (process {program.pid})")
    program.stop()


def test_no_port_and_no_other_user(embedded):
    program = embedded()
    program.until(READY)
    with connect() as connection:
        settings = dict(
            connection.execute(
                "SELECT name, setting FROM pg_settings WHERE name IN "
                "('listen_addresses', 'fsync', 'data_checksums', 'server_encoding')"
            ).fetchall()
        )
    assert settings == {
        "listen_addresses": "",
        "fsync": "on",
        "data_checksums": "on",
        "server_encoding": "UTF8",
    }
    with Redis.from_url(embedded_redis_url()) as redis:
        assert redis.config_get("port") == {"port": "0"}
        assert redis.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
    for private in (postgres_socket_dir(), data_dir() / "postgres", log_dir()):
        assert private.stat().st_mode & 0o077 == 0
    program.stop()


def test_the_block_for_tests_starts_and_stops_them(monkeypatch, tmp_path: Path):
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("REDIS_URL", raising=False)
    before = os.environ.get("VOICETELL_DATA")
    with services(tmp_path / "data"):
        with connect() as connection:
            assert connection.execute("SELECT 1").fetchall() == [(1,)]
        folder = postgres_socket_dir()
    assert not (folder / ".s.PGSQL.5432").exists()
    assert os.environ.get("VOICETELL_DATA") == before


def test_the_block_says_why_it_cannot_start(tmp_path: Path):
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(StackError, match=r"Cannot write in .*VOICETELL_DATA"), services(file / "x"):
        pass
