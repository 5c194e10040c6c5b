"""Versions over the API: who may, what it answers, and where it refuses."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import Role, Scope
from tests.factories import UserFactory, version_like
from training.models import AliasName, GateReport
from training.selectors import version_for

URL = "/api/v1/models"


@pytest.fixture
def trainer(api, db):
    """A program of somebody who may train."""
    return api(UserFactory(role=Role.OWNER), scopes=[Scope.READ, Scope.TRAIN])


def test_versions_are_listed_and_described(champion, trainer):
    (listed,) = trainer.get(URL).json()["results"]
    assert listed["name"] == champion.name
    assert listed["aliases"] == ["champion"]
    assert listed["model_type"] == champion.manifest["model_type"]
    found = trainer.get(f"{URL}/{champion.name}").json()
    assert found["manifest"]["threshold"] == champion.threshold
    assert trainer.get(f"{URL}/nobody").status_code == 404


def test_the_gate_stops_a_promotion_and_a_reason_overrides_it(champion, trainer):
    other = version_like(champion, "other")
    GateReport.objects.create(version=other, champion=champion, passed=False, clips=9, checks=[])
    refused = trainer.post(f"{URL}/other/promote")
    assert (refused.status_code, refused.json()["code"]) == (409, "gate_not_passed")
    body = {"reason": "tried on our own phone lines"}
    assert trainer.post(f"{URL}/other/promote", body, format="json").status_code == 200
    assert version_for(AliasName.CHAMPION) == other
    assert trainer.post(f"{URL}/other/promote").json()["code"] == "already_champion"
    assert trainer.post(f"{URL}/{champion.name}/challenge").json()["aliases"] == [
        "challenger",
        "previous",
    ]
    assert trainer.post(f"{URL}/rollback").json()["name"] == champion.name
    assert version_for(AliasName.CHAMPION) == champion


def test_a_version_goes_out_and_rubbish_does_not_come_in(champion, trainer):
    answer = trainer.get(f"{URL}/{champion.name}/export")
    assert answer["Content-Type"] == "application/zip"
    assert b"".join(answer.streaming_content).startswith(b"PK")
    rubbish = SimpleUploadedFile("version.zip", b"rubbish")
    refused = trainer.post(f"{URL}/import", {"file": rubbish})
    assert (refused.status_code, refused.json()["code"]) == (422, "bundle_refused")


@pytest.mark.parametrize("path", ["promote", "challenge", "export"])
def test_who_may_not_train_moves_nothing(path, champion, api, db):
    method = "get" if path == "export" else "post"
    for person, scopes in (
        (UserFactory(role=Role.CURATOR), list(Scope)),
        (UserFactory(role=Role.OWNER), [Scope.READ, Scope.LABEL]),
    ):
        client = api(person, scopes=scopes)
        for address in (f"{URL}/{champion.name}/{path}",):
            assert getattr(client, method)(address).status_code == 403
        assert client.post(f"{URL}/rollback").status_code == 403
        assert client.post(f"{URL}/import").status_code == 403
