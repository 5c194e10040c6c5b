"""The running API keeps to its description, whatever is sent."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.base import ContentFile

from accounts.models import Role, Scope
from accounts.services import create_token
from detector.services import submit_batch
from tests.factories import UserFactory
from webhooks.services import create_endpoint

pytestmark = [pytest.mark.stack, pytest.mark.django_db(transaction=True)]

PHASES = os.environ.get("CONTRACT_PHASES", "examples,coverage")
"""The phases that find the same each time. `fuzzing` and `stateful` draw on what earlier answers
held (new ids, times), so that a seed does not repeat them: they are asked for by hand."""

CONFIG = Path(__file__).with_name("schemathesis.toml")


@pytest.fixture
def objects(champion, worker, clip_file):
    """Things of one person's, by the names that the configuration gives them."""
    person = UserFactory(role=Role.ADMINISTRATOR)
    clip = ContentFile(clip_file("real-prompt.wav").read_bytes(), name="clip.wav")
    batch = submit_batch(owner=person, files=[clip])
    endpoint, _ = create_endpoint(owner=person, url="https://example.org/", events=["run.done"])
    delivery = endpoint.deliveries.create(event="run.done", data={}, status="failed")
    return {
        "VOICETELL_TOKEN": create_token(owner=person, name="contract", scopes=[Scope.ADMIN])[1],
        "PREDICTION_ID": str(batch.predictions.get().pk),
        "BATCH_ID": str(batch.pk),
        "ENDPOINT_ID": str(endpoint.pk),
        "DELIVERY_ID": str(delivery.pk),
    }


def test_schemathesis_finds_nothing(site, objects, tmp_path):
    program = str(Path(sys.executable).with_name("schemathesis"))
    done = subprocess.run(
        [program, "--config-file", str(CONFIG), "run", f"{site}/api/schema/", "--phases", PHASES],
        cwd=tmp_path,  # it keeps what it found beside itself
        env={**os.environ, **objects},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr
    assert settings.SPECTACULAR_SETTINGS["OAS_VERSION"] in done.stdout
