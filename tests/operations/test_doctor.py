"""The doctor finds what is wrong, says how to mend it, and does not fall ill itself."""

import os
import subprocess
import sys
import time
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from redis import Redis

from detector.workers import REGISTER
from operations.doctor import Grade, examine
from operations.tasks_watch import LAST_WELL
from training.models import ModelVersion

pytestmark = pytest.mark.django_db


@pytest.fixture
def in_health(champion: ModelVersion, redis_server: Redis, settings: Any) -> None:
    settings.SECRET_KEY = "x" * 50
    redis_server.zadd(REGISTER, {"alive": redis_server.time()[0]})
    redis_server.hset(LAST_WELL, "detector.sweep", time.time())


def bad() -> dict[str, str]:
    return {found.about: found.mend for found in examine() if found.grade is Grade.BAD}


def test_nothing_is_wrong_with_a_sound_installation(in_health: None) -> None:
    assert bad() == {}
    assert default_storage.listdir("doctor") == ([], [])


def test_each_illness_is_found_with_its_cure(
    in_health: None, champion: ModelVersion, redis_server: Redis, settings: Any
) -> None:
    redis_server.delete(REGISTER)
    redis_server.hset(LAST_WELL, "detector.sweep", time.time() - 3600)
    settings.ALLOWED_HOSTS = ["*"]
    name = champion.artifact.name
    default_storage.delete(name)
    default_storage.save(name, ContentFile(b"something else"))
    found = bad()
    assert found.keys() == {"workers", "sweep", "safety", "champion"}
    assert "part predict" in found["workers"]
    assert "part beat" in found["sweep"]
    assert "VOICETELL_ALLOWED_HOSTS" in found["safety"]
    assert "roll back" in found["champion"]
    assert "safety" not in {found.about for found in examine() if found.grade is Grade.GOOD}


def test_it_works_where_nothing_else_does() -> None:
    """In a process of its own, whose settings point at closed ports."""
    done = subprocess.run(
        [sys.executable, "manage.py", "doctor"],
        env=os.environ
        | {
            "DATABASE_URL": "postgres://nobody@127.0.0.1:1/nothing?connect_timeout=1",
            "REDIS_URL": "redis://127.0.0.1:1/0",
            "EMAIL_URL": "smtp://127.0.0.1:1",
        },
        cwd=django_settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    for words in ("Start PostgreSQL", "Start Redis", "EMAIL_URL", "good     storage"):
        assert words in done.stdout, done.stderr
