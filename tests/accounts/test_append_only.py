"""The audit trail and the proofs of erasure: no row is changed or deleted by anybody."""

from collections.abc import Callable

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client

from accounts.models import AuditEvent, Erasure, User
from accounts.services import prove_erasure, record

pytestmark = pytest.mark.django_db

TABLES = {"accounts_auditevent": AuditEvent, "accounts_erasure": Erasure}


@pytest.fixture(autouse=True)
def _rows(admin: User) -> None:
    record(actor=admin, action="version.promoted", target="x")
    prove_erasure(kind="clip", target="y", sha256="0" * 64, size=4)


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize(
    "sql", ["UPDATE {} SET target = 'other'", "DELETE FROM {}", "TRUNCATE {}"], ids=str.split
)
def test_postgresql_refuses(sql: str, table: str) -> None:
    before = list(TABLES[table].objects.values())
    with connection.cursor() as cursor:
        # Switched off for tests, which empty all tables after themselves; what waits for the
        # transaction's end would keep the table from being altered.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER never_emptied")
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            cursor.execute(sql.format(table))
    assert list(TABLES[table].objects.values()) == before


@pytest.mark.parametrize("name", ["auditevent", "erasure"])
def test_the_panel_shows_and_changes_nothing(
    name: str, admin: User, client_of: Callable[[User], Client], settings: object
) -> None:
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}
    panel = client_of(admin)
    row = TABLES[f"accounts_{name}"].objects.first()
    assert panel.get(f"/admin/accounts/{name}/").status_code == 200
    assert panel.post(f"/admin/accounts/{name}/{row.pk}/change/", {}).status_code == 403
    assert (
        panel.post(f"/admin/accounts/{name}/{row.pk}/delete/", {"post": "yes"}).status_code == 403
    )
    assert panel.post(f"/admin/accounts/{name}/add/", {}).status_code == 403
