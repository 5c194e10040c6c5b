"""The test bed: real PostgreSQL and Redis in a temporary folder, and one cast for all tests.

Settings are pointed at the temporary folder before Django loads them. The services start with
the first test that needs the database, so tests of the pure parts start at once.
"""

import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

# A short path: PostgreSQL's socket lies in it. Others may enter: as root, PostgreSQL runs as an
# ordinary user.
SESSION_DIR = Path(tempfile.mkdtemp(prefix="vt-test-"))
SESSION_DIR.chmod(0o755)
(SESSION_DIR / "data" / "static").mkdir(parents=True)  # else each page warns that it is missing
os.environ.update(
    DJANGO_SETTINGS_MODULE="config.settings",
    VOICETELL_DATA=str(SESSION_DIR / "data"),
    VOICETELL_MEDIA=str(SESSION_DIR / "media"),
    VOICETELL_SECRET_KEY="only for tests",
    VOICETELL_ADMIN_PASSWORD="",
)

import django  # noqa: E402
import pytest  # noqa: E402
from celery.exceptions import SoftTimeLimitExceeded  # noqa: E402

django.setup()

from django.conf import settings as django_settings  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from hypothesis import HealthCheck  # noqa: E402
from hypothesis import settings as hypothesis_settings  # noqa: E402
from redis import Redis  # noqa: E402
from rest_framework.test import APIClient  # noqa: E402

from accounts.models import Role, Scope, User  # noqa: E402
from accounts.services import create_token  # noqa: E402
from config.stack.paths import data_dir  # noqa: E402
from config.stack.services import services as embedded_services  # noqa: E402
from tests.factories import UserFactory  # noqa: E402
from training.models import ModelVersion  # noqa: E402
from training.services import promote, register_version  # noqa: E402

# A busy machine is slow, which says nothing of what is tested.
hypothesis_settings.register_profile(
    "busy", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("busy")

EXIT_STATUS = pytest.StashKey[int]()


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Remember how it went, for the end of the process."""
    session.config.stash[EXIT_STATUS] = exitstatus


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove the temporary folder, and end the process at once.

    Once, after all tests had passed, a library's thread kept the interpreter from ending.
    """
    shutil.rmtree(SESSION_DIR, ignore_errors=True)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(config.stash.get(EXIT_STATUS, 1))


@pytest.fixture(scope="session")
def services() -> Iterator[None]:
    """PostgreSQL and Redis: embedded ones for this session, unless their URLs are set."""
    with embedded_services(data_dir()):
        yield


@pytest.fixture(scope="session")
def django_db_setup(services: None, django_db_setup: None, django_db_blocker: Any) -> None:
    """Start the services before pytest-django makes the test database.

    Tests that commit empty all tables afterwards, which the audit trail would refuse.
    """
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        for table in ("accounts_auditevent", "accounts_erasure"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER never_emptied")


@pytest.fixture(scope="session")
def redis_server(services: None) -> Redis:
    """Redis itself, for tests that look into it or empty it."""
    return Redis.from_url(django_settings.REDIS_URL)


@pytest.fixture(autouse=True)
def _empty_redis(request: pytest.FixtureRequest) -> Iterator[None]:
    """Leave Redis as empty as the database after each test that can write to it."""
    names = set(request.fixturenames)
    redis = (
        request.getfixturevalue("redis_server")
        if names & {"db", "transactional_db", "redis_server"}
        else None
    )
    yield
    if redis:
        redis.flushdb()


@pytest.fixture
def owner(db: None) -> User:
    """Whose clips the test is about."""
    return UserFactory(email="owner@example.org")


@pytest.fixture
def teammate(db: None) -> User:
    """Somebody of the same team: today they see no more than a stranger does."""
    return UserFactory(email="teammate@example.org")


@pytest.fixture
def stranger(db: None) -> User:
    """Somebody who has an account and nothing to do with the owner."""
    return UserFactory(email="stranger@example.org")


@pytest.fixture
def admin(db: None) -> User:
    """An administrator."""
    return UserFactory(
        email="admin@example.org", role=Role.ADMINISTRATOR, is_staff=True, is_superuser=True
    )


@pytest.fixture
def client_of() -> Callable[[User], Client]:
    """Return a function that gives a browser in which the person is logged in."""

    def make(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return make


@pytest.fixture
def api() -> Callable[..., APIClient]:
    """Return a function that gives an API client with a token of the person."""

    def make(user: User, scopes: Sequence[str] = (Scope.PREDICT, Scope.READ)) -> APIClient:
        _, token = create_token(owner=user, name="test", scopes=scopes)
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
        return client

    return make


@pytest.fixture(scope="session")
def clip_file() -> Callable[[str], Path]:
    """Return a function that gives the path of a shipped clip by its file name."""

    def find(name: str) -> Path:
        path = Path(django_settings.FIXTURE_CLIPS, name)
        assert path.is_file(), (
            f"{path} is not there; there are {sorted(p.name for p in path.parent.iterdir())}"
        )
        return path

    return find


@pytest.fixture
def too_slow() -> Callable[[Path, Callable[[], None]], None]:
    """Return a function that does a worker's task on a file which nobody can read in time."""

    def end_of_patience(*_: object) -> None:
        raise SoftTimeLimitExceeded  # as Celery does in the middle of whatever goes on

    def work(file: Path, task: Callable[[], None]) -> None:
        file.unlink()
        os.mkfifo(file)  # whoever opens it waits for ever
        previous = signal.signal(signal.SIGALRM, end_of_patience)
        try:
            signal.setitimer(signal.ITIMER_REAL, 0.5)
            task()
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, previous)

    return work


@pytest.fixture
def champion(db: None) -> ModelVersion:
    """The shipped model, registered as on first start."""
    version = register_version(bundle=django_settings.SHIPPED_MODEL)
    promote(version=version)
    return version
