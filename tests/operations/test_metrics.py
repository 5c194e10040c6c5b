"""What Prometheus collects, and that the dashboard and the alerts ask for nothing else."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings as django_settings
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families
from redis import Redis
from rest_framework.test import APIClient

from accounts.models import Scope, User
from detector import services
from detector.models import Prediction, Status
from detector.workers import REGISTER
from operations import tally
from operations.counts import REQUEST_SECONDS, REQUESTS, TASK_SECONDS, TASKS
from operations.tally import Count, Histogram
from operations.tasks_watch import LAST_WELL
from tests.api.conftest import verdict
from tests.factories import PredictionFactory
from training.models import ModelVersion

URL = "/api/v1/metrics/prometheus"
DEPLOY = Path(django_settings.BASE_DIR, "deploy")
Values = Callable[..., dict[tuple[str, ...], float]]

pytestmark = pytest.mark.django_db


@pytest.fixture
def values(owner: User, api: Callable[..., APIClient]) -> Values:
    """Return a function that gives a metric's values by those of its labels, in their order."""

    def ask(name: str) -> dict[tuple[str, ...], float]:
        tally.send()
        response = api(owner, scopes=[Scope.READ]).get(URL, headers={"Accept": "text/plain"})
        assert response.status_code == 200, response.content
        families = text_string_to_metric_families(response.content.decode())
        samples = [sample for family in families for sample in family.samples]
        return {
            tuple(v for _, v in sorted(s.labels.items())): s.value
            for s in samples
            if s.name == name
        }

    return ask


def test_requests_are_counted_by_route(values: Values, redis_server: Redis, settings: Any) -> None:
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}
    for _ in range(3):
        Client().get("/api/v1/health")
    Client().get("/no/such/page")
    Client().generic("MADE-UP", "/api/v1/health")
    found = values("voicetell_http_requests_total")
    assert found["GET", "api/v1/health", "200"] == 3
    assert found["GET", "unknown", "404"] == 1
    assert found["other", "api/v1/health", "405"] == 1
    assert values("voicetell_http_request_seconds_count")[("api/v1/health",)] == 4


def test_predictions_are_counted_by_their_end(
    values: Values, champion: ModelVersion, django_capture_on_commit_callbacks: Any
) -> None:
    done, failed = PredictionFactory(running=True), PredictionFactory(running=True)
    with django_capture_on_commit_callbacks(execute=True):
        services.finish(done, **verdict(model_version=champion, timings={"decode": 0.5}))
        services.fail(failed, code="decode_failed")
    assert values("voicetell_predictions_total") == {
        ("", "done", "FAKE"): 1,
        ("decode_failed", "failed", ""): 1,
    }
    assert values("voicetell_judging_stage_seconds_total") == {("decode",): 0.5}
    assert values("voicetell_prediction_seconds_count") == {(): 2}


def test_what_waits_is_seen(values: Values, champion: ModelVersion, redis_server: Redis) -> None:
    PredictionFactory()
    PredictionFactory(running=True)
    redis_server.zadd(REGISTER, {"alive": redis_server.time()[0]})
    assert values("voicetell_predictions_open") == {("queued",): 1, ("running",): 1}
    assert values("voicetell_oldest_waiting_seconds")[()] > 0
    assert values("voicetell_workers_warm") == {(): 1}
    assert values("voicetell_queue_messages")[("predict",)] == 0
    aliases = values("voicetell_model_alias_timestamp_seconds")
    assert set(aliases) == {("champion", champion.name)}


def test_histograms_add_up() -> None:
    seconds = Histogram("waits", "", bounds=(0.1, 1.0), labels=("kind",))
    family = seconds.family(
        {
            '["waits", "a", "0"]': 2,
            '["waits", "a", "2"]': 1,
            '["waits", "a", "sum"]': 7.5,
            '["others", "a", "0"]': 9,
        }
    )
    found = {(s.name, s.labels.get("le")): s.value for s in family.samples}
    assert found == {
        ("waits_bucket", "0.1"): 2,
        ("waits_bucket", "1.0"): 2,
        ("waits_bucket", "+Inf"): 3,
        ("waits_count", None): 3,
        ("waits_sum", None): 7.5,
    }


def test_counts_of_several_processes_add_up(redis_server: Redis) -> None:
    count = Count("together", "", ("place",))
    add = (
        "import django; django.setup()\n"
        "from operations import tally\n"
        "tally.Count('together', '', ('place',)).add('here', amount=2)\n"
        "tally.send()\n"
    )
    for _ in range(2):
        subprocess.run([sys.executable, "-c", add], cwd=django_settings.BASE_DIR, check=True)
    count.add("here")
    tally.send()
    assert [s.value for s in count.family(tally.read()).samples] == [5]


def test_what_cannot_be_sent_is_kept(redis_server: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    count = Count("kept", "")
    count.add()
    monkeypatch.setattr(tally, "_redis", lambda: Redis(port=1))
    tally.send()
    monkeypatch.undo()
    tally.send()
    assert [s.value for s in count.family(tally.read()).samples] == [1]


def _asked_for() -> set[str]:
    """Names of ours in every expression of the dashboard and the alerts."""
    dashboard = json.loads((DEPLOY / "grafana" / "voicetell.json").read_text())
    expressions = [target["expr"] for p in dashboard["panels"] for target in p.get("targets", [])]
    alerts = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yml").read_text())
    rules = [rule for group in alerts["groups"] for rule in group["rules"]]
    assert all(rule["annotations"].keys() == {"summary", "mend"} for rule in rules)
    expressions += [rule["expr"] for rule in rules]
    return {name for text in expressions for name in re.findall(r"voicetell_\w+", text)}


def test_dashboard_and_alerts_ask_for_what_there_is(
    owner: User,
    champion: ModelVersion,
    api: Callable[..., APIClient],
    redis_server: Redis,
    django_capture_on_commit_callbacks: Any,
) -> None:
    """Every series, of an installation in which each has happened once."""
    with django_capture_on_commit_callbacks(execute=True):
        services.finish(
            PredictionFactory(running=True),
            **verdict(model_version=champion, timings={"decode": 0.5}),
        )
    assert Prediction.objects.filter(status=Status.DONE).count() == 1
    REQUESTS.add("GET", "history/", "200")
    REQUEST_SECONDS.observe(0.1, "history/")
    TASKS.add("detector.sweep", "success")
    TASK_SECONDS.observe(0.1, "detector.sweep")
    redis_server.hset(LAST_WELL, "detector.sweep", 1.0)
    tally.send()
    response = api(owner, scopes=[Scope.READ]).get(URL)
    families = text_string_to_metric_families(response.content.decode())
    there = {sample.name for family in families for sample in family.samples}
    asked = _asked_for()
    assert len(asked) > 20
    assert asked - there == set()


def test_prometheus_is_sent_to_the_address_that_answers() -> None:
    config = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yml").read_text())
    (job,) = config["scrape_configs"]
    assert job["metrics_path"] == URL
    for name in config["rule_files"]:
        assert (DEPLOY / "prometheus" / name).exists()
