"""All of a person's data: handed to them, or erased."""

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEvent, Erasure, User
from accounts.services import create_token
from detector.models import Clip
from operations.personal import erase_person, export_person
from tests.factories import PASSWORD, ArchiveFactory, PredictionFactory, SampleFactory
from training.models import Archive, ArchivedFile
from webhooks.services import create_endpoint

pytestmark = pytest.mark.django_db


@pytest.fixture
def token(owner: User, stranger: User) -> str:
    """The owner's token, beside one of everything that is theirs; a stranger has a clip too."""
    PredictionFactory(clip__owner=owner, clip__name="my voice.wav", done=True)
    sample = SampleFactory(added_by=owner, name="my sample.wav")
    archive = ArchiveFactory(added_by=owner, name="my archive.zip")
    ArchivedFile.objects.create(archive=archive, place=0, name="my sample.wav", sample=sample)
    PredictionFactory(clip__owner=stranger, clip__name="not mine.wav", done=True)
    return create_token(owner=owner, name="my program")[1]


def test_the_export_has_everything_of_theirs_and_nothing_else(owner: User, token: str) -> None:
    endpoint, secret = create_endpoint(
        owner=owner, url="https://hooks.example.org/x", description="", events=["prediction.done"]
    )
    file = io.BytesIO()
    export_person(user=owner, file=file)
    archive = zipfile.ZipFile(file)
    tables = {name: json.loads(archive.read(name)) for name in archive.namelist() if "json" in name}
    text = json.dumps(tables)
    assert tables["accounts.user.json"][0]["fields"]["email"] == owner.email
    assert [row["fields"]["name"] for row in tables["detector.clip.json"]] == ["my voice.wav"]
    assert tables["detector.prediction.json"][0]["fields"]["verdict"] == "FAKE"
    assert "my sample.wav" in text
    assert "my program" in text
    assert "https://hooks.example.org/x" in text
    assert "not mine" not in text
    audio = [name for name in archive.namelist() if name.startswith("audio/")]
    assert [archive.read(name) for name in audio] == [b"RIFF", b"RIFF"]
    for opens in (token.rpartition("_")[2], owner.password, secret, endpoint.salt):
        assert opens not in text
    assert AuditEvent.objects.filter(action="person.exported", actor=owner).exists()


def test_people_get_their_own_from_their_profile(
    owner: User, token: str, client_of: Callable[[User], Client]
) -> None:
    answer = client_of(owner).post(reverse("own-data"))
    assert answer["Content-Disposition"].startswith("attachment")
    names = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))).namelist()
    assert "detector.clip.json" in names
    assert client_of(owner).get(reverse("own-data")).status_code == 405


def test_an_operator_gets_it_by_command(owner: User, token: str, tmp_path: Path) -> None:
    path = tmp_path / "data.zip"
    call_command("export_person", path, email=owner.email)
    assert "accounts.user.json" in zipfile.ZipFile(path).namelist()
    assert path.stat().st_mode & 0o077 == 0
    with pytest.raises(CommandError, match="Nobody"):
        call_command("export_person", tmp_path / "other.zip", email="nobody@example.org")


def test_an_erased_person_leaves_figures_and_proofs(
    owner: User, token: str, django_capture_on_commit_callbacks: Any
) -> None:
    names = [
        *Clip.objects.filter(owner=owner).values_list("audio", flat=True),
        *Archive.objects.values_list("file", flat=True),
    ]
    email, name = owner.email, owner.name
    with django_capture_on_commit_callbacks(execute=True):
        erase_person(user=owner)
    assert not any(default_storage.exists(audio) for audio in names)
    assert Erasure.objects.filter(kind="clip").count() == 1
    assert Erasure.objects.filter(kind="sample").count() == 1
    owner.refresh_from_db()
    assert (owner.is_active, owner.tokens.count()) == (False, 0)
    assert not owner.check_password(PASSWORD)
    file = io.BytesIO()
    export_person(user=owner, file=file)
    archive = zipfile.ZipFile(file)
    left = b"".join(
        archive.read(table) for table in archive.namelist() if "auditevent" not in table
    ).decode()
    for word in (email, name, "my voice", "my sample", "my archive", "my program"):
        assert word not in left
    assert ArchivedFile.objects.get().name == "erased"
    assert Clip.objects.get(name="not mine.wav").audio


def test_an_administrator_is_not_erased(admin: User) -> None:
    with pytest.raises(CommandError, match="administrator"):
        call_command("erase_person", email=admin.email)


@pytest.mark.django_db(transaction=True)
def test_the_command_prints_the_proof(
    owner: User, token: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert not connection.in_atomic_block
    clip = Clip.objects.get(owner=owner)
    call_command("erase_person", email=owner.email)
    said = json.loads(capsys.readouterr().out)
    assert {"id": str(clip.pk), "sha256": clip.sha256}.items() <= said["erased"][0].items()
