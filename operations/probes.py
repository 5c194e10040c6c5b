"""Liveness and readiness, apart: the one asks for a restart, the other for a pause.

Alive is a process that answers. Ready is one that can do its work: with PostgreSQL and Redis in
reach and a database that is as new as the code. Workers are not asked for: without them the site
still takes clips, which wait.
"""

from collections.abc import Callable
from threading import Event

from django.db import Error as DatabaseError
from django.db import connection as database
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse
from redis.exceptions import RedisError

from detector.api.problems import ProblemResponse
from detector.wakeup import connection as redis_connection

NO_STORE = {"Cache-Control": "no-store"}

_migrated = Event()


def missing() -> list[str]:
    """Return what is needed and not there: `postgres`, `migrations`, `redis`."""
    found = []
    try:
        if not _is_migrated():
            found.append("migrations")
    except DatabaseError:
        found.append("postgres")
    try:
        redis_connection().ping()
    except RedisError:
        found.append("redis")
    return found


def _is_migrated() -> bool:
    with database.cursor() as cursor:
        cursor.execute("SELECT 1")
    # Success alone is remembered: the database may be brought up to date while this process waits.
    if not _migrated.is_set() and not unapplied():
        _migrated.set()
    return _migrated.is_set()


def unapplied() -> list[str]:
    """Return the migrations that this code has and the database has not."""
    executor = MigrationExecutor(database)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def alive(request: HttpRequest) -> HttpResponse:
    """Say that this process answers."""
    return HttpResponse("alive\n", content_type="text/plain", headers=NO_STORE)


def ready(request: HttpRequest) -> HttpResponse:
    """Say that this process can do its work, or what is missing."""
    if found := missing():
        return ProblemResponse(
            request, "not_ready", {"missing": ", ".join(found)}, headers=NO_STORE, missing=found
        )
    return HttpResponse("ready\n", content_type="text/plain", headers=NO_STORE)


PROBES: dict[str, Callable[[HttpRequest], HttpResponse]] = {"/healthz": alive, "/readyz": ready}
