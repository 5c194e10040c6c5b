"""Liveness and readiness."""

import os
import subprocess
import sys

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client

from operations import probes
from tests.api.conftest import assert_problem

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    probes._migrated.clear()


def test_a_site_with_all_it_needs_is_ready() -> None:
    assert Client().get("/readyz").status_code == 200
    assert Client().get("/healthz").status_code == 200


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_probes_come_by_address_and_in_plain_http(path: str, settings: object) -> None:
    settings.SECURE_SSL_REDIRECT = True
    settings.ALLOWED_HOSTS = ["voice.example.org"]
    response = Client(headers={"host": "10.1.2.3"}).get(path)
    assert (response.status_code, response["Cache-Control"]) == (200, "no-store")
    assert Client(headers={"host": "10.1.2.3"}).get("/api/v1/health").status_code == 400


def test_a_database_that_is_behind_is_not_ready_until_it_was_brought_up_to_date() -> None:
    rows = MigrationRecorder.Migration.objects.using(connection.alias)
    last = rows.filter(app="webhooks").latest("id")
    rows.filter(pk=last.pk).delete()
    body = assert_problem(Client().get("/readyz"), 503, "not_ready")
    assert body["missing"] == ["migrations"]
    last.save(force_insert=True)
    assert Client().get("/readyz").status_code == 200


@pytest.mark.parametrize(
    ("broken", "missing"),
    [
        ({"REDIS_URL": "redis://127.0.0.1:1/0"}, "redis"),
        ({"DATABASE_URL": "postgres://nobody@127.0.0.1:1/nothing"}, "postgres"),
    ],
)
def test_alive_but_not_ready_without_what_it_needs(broken: dict[str, str], missing: str) -> None:
    """In a process of its own, whose settings point at a closed port."""
    ask = (
        "import django; django.setup()\n"
        "from django.conf import settings\n"
        "from django.test import Client\n"
        "settings.DATABASES['default']['OPTIONS']['pool']['timeout'] = 0.5\n"
        "settings.ALLOWED_HOSTS = ['*']\n"
        "ready = Client().get('/readyz')\n"
        "print(Client().get('/healthz').status_code, ready.status_code, *ready.json()['missing'])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", ask],
        env=os.environ | broken,
        cwd=django_settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    words = done.stdout.split()
    assert words[:2] == ["200", "503"], done.stderr
    assert missing in words[2:]
