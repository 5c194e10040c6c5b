"""A connection that the server has ended is found before a person's request or a clip meets it."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, connections

pytestmark = pytest.mark.django_db(transaction=True)


def _process() -> int:
    """Return the server's process for this thread's connection, which then goes to the pool."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (process,) = cursor.fetchone()
    connection.close()
    return int(process)


def _end(process: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 10000)", [process])
        assert cursor.fetchone() == (True,)


def test_the_pool_gives_no_connection_that_was_ended() -> None:
    """As after a restart of PostgreSQL: nobody gets an error for it."""
    with ThreadPoolExecutor(1) as web_thread:
        process = web_thread.submit(_process).result()
        _end(process)
        assert web_thread.submit(_process).result() != process


def test_a_worker_notices_that_its_connection_was_ended() -> None:
    """Before its next clip."""
    plain = connections["default"].copy("a worker's")
    plain.settings_dict["OPTIONS"] = {
        name: value for name, value in plain.settings_dict["OPTIONS"].items() if name != "pool"
    }
    plain.connect()
    assert plain.is_usable()
    _end(plain.connection.info.backend_pid)
    assert not plain.is_usable()
