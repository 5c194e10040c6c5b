"""The running API keeps to its description, whatever is sent."""

import json
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
from tests.e2e.processes import wait_for
from tests.factories import ArchiveFactory, PredictionFactory, UserFactory, version_like
from tests.training.material import add_samples, known_fakes
from training.services.exchange import export_version
from training.services.runs import start_run
from webhooks.services import create_endpoint

pytestmark = [pytest.mark.stack, pytest.mark.django_db(transaction=True)]

SEEDS = os.environ.get("CONTRACT_SEEDS", "2").split(",")
"""One, so that a red run comes of a change and not of luck; by hand, any number of others."""

CONFIG = Path(__file__).with_name("schemathesis.toml")
HOOKS = Path(__file__).with_name("schemathesis_hooks.py")


@pytest.fixture
def objects(champion, worker, clip_file, tmp_path):
    """Things of one person's, by the names that the configuration gives them.

    What an operation ends has one of its own, so that others still find theirs.
    """
    person = UserFactory(role=Role.ADMINISTRATOR)
    clip = ContentFile(clip_file("real-prompt.wav").read_bytes(), name="clip.wav")
    batch = submit_batch(owner=person, files=[clip])
    judged = batch.predictions.get()
    wait_for(lambda: judged.refresh_from_db() or judged.is_finished, "a verdict")
    endpoint, ended_endpoint = (
        create_endpoint(owner=person, url="https://example.org/", events=["run.done"])[0]
        for _ in range(2)
    )
    delivery = endpoint.deliveries.create(event="run.done", data={}, status="failed")
    samples = add_samples(known_fakes(), person, count=12)
    run = start_run(actor=person, model_type="svm")
    other = version_like(champion, "other-version")
    version_file = tmp_path / "version.zip"
    version_file.write_bytes(export_version(version=champion, actor=person).read())
    ids = {
        "": {
            "prediction_id": judged.pk,
            "batch_id": batch.pk,
            "endpoint_id": endpoint.pk,
            "delivery_id": delivery.pk,
            "sample_id": samples[0].pk,
            "archive_id": ArchiveFactory(added_by=person).pk,
            "run_id": run.pk,
            "name": champion.name,
        },
        "delete_prediction": {"prediction_id": PredictionFactory(clip__owner=person, done=True).pk},
        "cancel_prediction": {"prediction_id": PredictionFactory(clip__owner=person).pk},
        "delete_webhook": {"endpoint_id": ended_endpoint.pk},
        "revoke_token": {"token_id": create_token(owner=person, name="x", scopes=["read"])[0].pk},
        "version_promote": {"name": other.name},
        "version_challenge": {"name": other.name},
    }
    return {
        "VOICETELL_TOKEN": create_token(owner=person, name="contract", scopes=[Scope.ADMIN])[1],
        "IDS": json.dumps(ids, default=str),
        "CLIP": str(clip_file("real-prompt.wav")),
        "VERSION_FILE": str(version_file),
    }


@pytest.mark.parametrize("phases", ["examples,coverage,fuzzing", "stateful"])
@pytest.mark.parametrize("seed", SEEDS)
def test_schemathesis_finds_nothing(site, objects, tmp_path, seed, phases):
    program = str(Path(sys.executable).with_name("schemathesis"))
    argv = [program, "--config-file", str(CONFIG), "run", f"{site}/api/schema/"]
    argv += ["--seed", seed, "--phases", phases]
    done = subprocess.run(
        argv + os.environ.get("CONTRACT_OPTIONS", "").split(),
        cwd=tmp_path,  # it keeps what it found beside itself
        env={**os.environ, **objects, "PHASES": phases, "SCHEMATHESIS_HOOKS": str(HOOKS)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr
    assert settings.SPECTACULAR_SETTINGS["OAS_VERSION"] in done.stdout
