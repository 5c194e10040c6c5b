"""A backup that is restored into an empty place is the same installation, and judges."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from accounts.models import User
from detector.models import Clip
from detector.services import submit_clip
from operations.backup import MANIFEST, BackupError, back_up, read_manifest
from tests.e2e.processes import environment_of_tests
from tests.factories import ClipFactory
from training.models import ModelVersion
from training.services import promote, register_version

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def empty_place(tmp_path: Path, services: None) -> Iterator[dict[str, str]]:
    """Environment of an installation with an empty database and an empty folder of files."""
    name = f"empty_{uuid4().hex[:8]}"
    here = environment_of_tests()
    head, _, query = here["DATABASE_URL"].partition("?")
    url = f"{head.rpartition('/')[0]}/{name}" + (f"?{query}" if query else "")
    parameters = connection.get_connection_params()
    keys = ("host", "port", "user", "password")
    at = {key: parameters[key] for key in keys if parameters.get(key)}
    with psycopg.connect(dbname="postgres", autocommit=True, **at) as server:
        server.execute(f"CREATE DATABASE {name} TEMPLATE template0")
    yield {**here, "DATABASE_URL": url, "VOICETELL_MEDIA": str(tmp_path / "elsewhere")}
    with psycopg.connect(dbname="postgres", autocommit=True, **at) as server:
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def manage(env: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, *words]
    return subprocess.run(
        argv, cwd=settings.BASE_DIR, env=env, capture_output=True, text=True, check=False
    )


def champion_there() -> ModelVersion:
    version = register_version(bundle=settings.SHIPPED_MODEL)
    promote(version=version)
    return version


def test_a_restored_backup_has_every_row_and_judges(
    owner: User, clip_file: Callable[[str], Path], tmp_path: Path, empty_place: dict[str, str]
) -> None:
    champion_there()
    audio = clip_file("fake-flite.wav").read_bytes()
    prediction = submit_clip(owner=owner, file=ContentFile(audio), name="flite.wav")
    folder = tmp_path / "backup"
    call_command("backup", str(folder))
    assert folder.stat().st_mode & 0o077 == 0

    other_key = {**empty_place, "VOICETELL_SECRET_KEY": "another"}
    done = manage(other_key, "manage.py", "restore", str(folder))
    assert done.returncode == 0, done.stderr
    assert "secret key is not the one" in done.stderr
    assert os.environ["VOICETELL_SECRET_KEY"] not in (folder / MANIFEST).read_text()
    ask = (
        "import django, json; django.setup()\n"
        "from django.db import connection\n"
        "from detector.judging import judge_prediction\n"
        "from detector.models import Prediction\n"
        "from operations.backup import _rows\n"
        "rows = _rows()\n"
        f"judge_prediction('{prediction.pk}')\n"
        f"row = Prediction.objects.get(pk='{prediction.pk}')\n"
        "print(json.dumps([rows, row.verdict, row.clip.sha256, row.model_version.name]))\n"
    )
    said = manage(empty_place, "-c", ask)
    assert said.returncode == 0, said.stderr
    rows, verdict, sha256, _ = json.loads(said.stdout.splitlines()[-1])
    made = read_manifest(folder)
    assert rows == made.rows
    assert rows["detector_prediction"] == 1
    assert (verdict, sha256) == ("FAKE", prediction.clip.sha256)

    again = manage(empty_place, "manage.py", "restore", str(folder))
    assert again.returncode != 0
    assert "not empty" in again.stderr


def test_rows_and_files_are_of_one_moment(tmp_path: Path) -> None:
    kept, lost = ClipFactory(), ClipFactory()
    default_storage.delete(lost.audio.name)
    made = back_up(tmp_path / "backup")
    assert made.rows["detector_clip"] == Clip.objects.count() == 2
    assert (list(made.files), made.missing) == ([kept.audio.name], [lost.audio.name])


def test_a_damaged_backup_is_refused_before_anything_is_restored(tmp_path: Path) -> None:
    clip = ClipFactory()
    folder = tmp_path / "backup"
    back_up(folder)
    for name in ("database.dump", f"files/{clip.audio.name}"):
        whole = (folder / name).read_bytes()
        (folder / name).write_bytes(whole + b"!")
        with pytest.raises(BackupError, match=Path(name).name):
            read_manifest(folder)
        (folder / name).write_bytes(whole)
    read_manifest(folder)
    (folder / MANIFEST).unlink()
    with pytest.raises(BackupError, match="not finished"):
        read_manifest(folder)


def test_a_backup_cannot_name_files_outside_of_it(tmp_path: Path) -> None:
    ClipFactory()
    folder = tmp_path / "backup"
    back_up(folder)
    found: dict[str, Any] = json.loads((folder / MANIFEST).read_text())
    found["files"] = {"../../etc/cron.d/evil": "0" * 64}
    (folder / MANIFEST).write_text(json.dumps(found))
    with pytest.raises(BackupError, match="outside"):
        read_manifest(folder)


def test_what_is_there_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(CommandError, match="not empty"):
        call_command("backup", str(tmp_path))
