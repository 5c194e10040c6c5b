"""Who listens is told of runs that end and of versions that judge from now on."""

import pytest

from tests.factories import ModelVersionFactory, UserFactory
from training.models import AliasName, Snapshot, TrainingRun
from training.selectors import version_for
from training.services import runs
from training.services.registry import promote
from webhooks.models import Delivery, EventType
from webhooks.services import create_endpoint

pytestmark = pytest.mark.django_db


def endpoint_of(person):
    return create_endpoint(owner=person, url="https://hooks.example.org/", events=EventType.values)[
        0
    ]


def told(endpoint):
    return [(d.event, d.data) for d in Delivery.objects.filter(endpoint=endpoint)]


def test_another_champion_is_told_to_everybody_who_listens():
    endpoints = [endpoint_of(UserFactory()), endpoint_of(UserFactory())]
    first, second = ModelVersionFactory.create_batch(2)
    promote(version=first, reason="the first")
    promote(version=second, reason="better")
    promote(version=second, reason="again")

    assert version_for(AliasName.CHAMPION) == second
    for endpoint in endpoints:
        said = {data["reason"]: data["former"] for _, data in told(endpoint)}
        assert said == {"the first": None, "better": first.name}


@pytest.fixture
def running_run(model_owner):
    snapshot = Snapshot.objects.create(sha256="0" * 64, items="none", real=1, fake=1)
    TrainingRun.objects.create(started_by=model_owner, snapshot=snapshot)
    return runs.claim_next()


def test_a_failed_run_is_told_to_who_started_it_and_to_nobody_else(model_owner, running_run):
    theirs, other = endpoint_of(model_owner), endpoint_of(UserFactory())

    assert runs.fail(running_run, code="training_lost")
    assert not runs.fail(running_run, code="training_lost"), "told once"

    assert [(event, data["name"]) for event, data in told(theirs)] == [
        ("run.failed", running_run.name)
    ]
    assert told(other) == []
    assert TrainingRun.objects.get().state == "failed"
