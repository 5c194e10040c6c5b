"""The Python of docs/api.md runs, all of it and in its order, against a real server."""

import re
import shutil
import zipfile
from pathlib import Path

import pytest
from django.conf import settings

from accounts.models import Role, Scope
from accounts.services import create_token
from tests.factories import UserFactory, version_like
from training.models import Snapshot, TrainingRun

pytestmark = [pytest.mark.stack, pytest.mark.django_db(transaction=True)]

PAGE = Path(settings.BASE_DIR, "docs", "api.md")
BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)


@pytest.fixture
def files(tmp_path, clip_file, monkeypatch):
    """The files that the page names, where its reader stands."""
    real, fake = clip_file("real-prompt.wav"), clip_file("fake-flite.wav")
    for name in ("clip.mp3", "a.wav", "call.wav"):
        shutil.copy(real, tmp_path / name)
    for name in ("b.mp3", "b.wav"):
        shutil.copy(fake, tmp_path / name)
    with zipfile.ZipFile(tmp_path / "samples.zip", "w") as archive:
        archive.write(clip_file("fake-espeak.mp3"), "fake.mp3")
        archive.writestr("manifest.csv", "file,label\nfake.mp3,fake\n")
    monkeypatch.chdir(tmp_path)


def test_all_of_it_runs(site, worker, champion, files, monkeypatch):
    person = UserFactory(role=Role.ADMINISTRATOR)
    secret = create_token(owner=person, name="docs", scopes=[Scope.ADMIN])[1]
    monkeypatch.setenv("VOICETELL_URL", site)
    monkeypatch.setenv("VOICETELL_TOKEN", secret)
    version_like(champion, "retrained-2026.11.23-0b9a12")
    snapshot = Snapshot.objects.create(sha256="0" * 64, items="none", real=1, fake=1)
    TrainingRun.objects.create(started_by=person, snapshot=snapshot)
    known = {}
    for block in BLOCK.findall(PAGE.read_text()):
        try:
            exec(block, known)
        except Exception as error:
            error.add_note(block)
            raise
