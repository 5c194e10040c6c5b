"""Health, model and metrics."""

import os
import subprocess
import sys
from datetime import timedelta

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.utils import timezone
from redis import Redis
from rest_framework.test import APIClient

from accounts.models import User
from detector.workers import REGISTER
from tests.api.conftest import URL, assert_problem
from tests.factories import ModelVersionFactory, PredictionFactory
from training.models import ModelVersion

pytestmark = pytest.mark.django_db


def test_health_says_what_is_there(redis_server: Redis, champion: ModelVersion) -> None:
    now = redis_server.time()[0]
    redis_server.zadd(REGISTER, {"alive": now, "dead": now - 3600})
    response = Client().get(f"{URL}/health")
    assert response.status_code == 200
    assert response.json() == {
        "status": "ok",
        "version": django_settings.VERSION,
        "database": True,
        "redis": True,
        "workers": 1,
        "model_version": champion.name,
    }


def test_health_is_open_even_to_a_wrong_token() -> None:
    response = Client().get(f"{URL}/health", headers={"Authorization": "Bearer vt_x_y"})
    assert response.status_code == 200
    assert response.json()["model_version"] is None


@pytest.mark.parametrize(
    ("broken", "member"),
    [
        ({"REDIS_URL": "redis://127.0.0.1:1/0"}, "redis"),
        ({"DATABASE_URL": "postgres://nobody@127.0.0.1:1/nothing"}, "database"),
    ],
)
def test_health_survives_what_it_looks_at(broken: dict[str, str], member: str) -> None:
    """In a process of its own, whose settings point at a closed port."""
    ask = (
        "import django; django.setup()\n"
        "from django.conf import settings\n"
        "from django.test import Client\n"
        "settings.DATABASES['default']['OPTIONS']['pool']['timeout'] = 0.5\n"
        f"response = Client(headers={{'host': 'localhost'}}).get('{URL}/health')\n"
        f"print(response.status_code, response.json()['status'], response.json()['{member}'])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", ask],
        env=os.environ | broken,
        cwd=django_settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.split() == ["503", "degraded", "False"], done.stderr


def test_model_info_describes_the_champion(client: APIClient, champion: ModelVersion) -> None:
    response = client.get(f"{URL}/model/info")
    assert response.status_code == 200
    body = response.json()
    assert body["model_version"] == champion.name
    assert body["schema"] == champion.schema
    assert body["features"] == len(champion.manifest["reference"]["mean"])
    assert body["real_threshold"] < body["threshold"] == champion.threshold
    assert body["metrics"] == champion.manifest["metrics"]["overall"]
    assert body["artifact_sha256"] == champion.artifact_sha256
    assert body["trained_at"]


def test_without_a_champion_there_is_no_model(client: APIClient) -> None:
    response = client.get(f"{URL}/model/info")
    assert_problem(response, 503, "no_model")
    assert response["Retry-After"]


def test_metrics_count_everybodys_predictions(
    client: APIClient, champion: ModelVersion, stranger: User
) -> None:
    version, now = ModelVersionFactory(), timezone.now()
    for seconds in (1, 2, 9):
        PredictionFactory(
            clip__owner=stranger,
            done=True,
            model_version=version,
            created_at=now - timedelta(seconds=seconds),
            finished_at=now,
        )
    PredictionFactory(failed=True, created_at=now - timedelta(days=2))
    PredictionFactory()
    body = client.get(f"{URL}/metrics").json()
    day, total = body["predictions"]["last_24h"], body["predictions"]["total"]
    assert day == {
        "by_status": {"queued": 1, "running": 0, "done": 3, "failed": 0, "cancelled": 0},
        "by_verdict": {"REAL": 0, "FAKE": 3, "INCONCLUSIVE": 0},
    }
    assert total["by_status"] == {"queued": 1, "running": 0, "done": 3, "failed": 1, "cancelled": 0}
    assert body["median_latency_seconds"] == pytest.approx(2)
    assert body["model"] == champion.manifest["metrics"]
    assert (body["queue_depth"], body["workers"]) == (0, 0)


def test_metrics_of_a_new_installation(client: APIClient) -> None:
    body = client.get(f"{URL}/metrics").json()
    assert body["median_latency_seconds"] is None
    assert body["model_version"] is None
