"""Django's PostgreSQL, but a connection that rests is asked by its socket whether it still stands.

Django asks the server, which costs a request that takes its connection three times from the pool
three round trips, and a worker one with each clip.
"""

import select
from typing import Any

from django.db.backends.postgresql import base
from psycopg import Connection
from psycopg_pool import ConnectionPool


def is_quiet(connection: "Connection[Any]") -> bool:
    """Whether nothing has come in since the last answer.

    What comes unasked is the end of the connection, or a word of the server's that announces it.
    A host that fell silent is found by the keepalives of `config.settings.data`.
    """
    if connection.closed:
        return False
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return not poll.poll(0)


def check(connection: "Connection[Any]") -> None:
    """Ask the server where the socket leaves it open; raise where the connection is broken."""
    if not is_quiet(connection):
        ConnectionPool.check_connection(connection)


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection of Django's to PostgreSQL."""

    @property
    def pool(self) -> "ConnectionPool[Any] | None":
        """The process's pool, whose check Django lets nobody choose."""
        pool: ConnectionPool[Any] | None = super().pool
        if pool is not None:
            pool._check = check
        return pool

    def is_usable(self) -> bool:
        """Whether a worker's connection, which it keeps, still works."""
        if self.connection is None:
            return False
        return is_quiet(self.connection) or super().is_usable()
