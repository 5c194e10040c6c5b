"""A person promotes what passed the gate, or says in writing why not; and can go back."""

import hashlib

import pytest
from django.core.files.base import ContentFile

from accounts.models import AuditEvent
from tests.factories import ModelVersionFactory
from training.models import AliasName, GateReport
from training.selectors import version_for
from training.services import promote
from training.services.promotion import (
    PromotionError,
    promote_by_gate,
    roll_back,
    set_challenger,
)


def make_version(name):
    content = name.encode()
    return ModelVersionFactory(
        name=name,
        artifact=ContentFile(content, name=f"{name}.skops"),
        artifact_sha256=hashlib.sha256(content).hexdigest(),
    )


@pytest.fixture
def old(db):
    version = make_version("old")
    promote(version=version)
    return version


@pytest.fixture
def new(db):
    return make_version("new")


def gate(version, champion, passed):
    return GateReport.objects.create(
        version=version, champion=champion, passed=passed, clips=100, checks=[]
    )


def test_what_passed_the_gate_needs_no_reason(old, new, admin):
    gate(new, old, passed=True)

    promote_by_gate(version=new, actor=admin)

    assert version_for(AliasName.CHAMPION) == new
    assert version_for(AliasName.PREVIOUS) == old
    assert not AuditEvent.objects.filter(action="gate.overridden").exists()


@pytest.mark.parametrize("gate_said", [None, False])
def test_what_did_not_pass_needs_a_written_reason(old, new, admin, gate_said):
    if gate_said is not None:
        gate(new, old, passed=gate_said)
    for reason in ("", "   because", "too short"):
        with pytest.raises(PromotionError) as stopped:
            promote_by_gate(version=new, actor=admin, reason=reason)
        assert stopped.value.code == "gate_not_passed"
        assert version_for(AliasName.CHAMPION) == old

    promote_by_gate(version=new, actor=admin, reason="the old one fails on our phone lines")

    assert version_for(AliasName.CHAMPION) == new
    event = AuditEvent.objects.get(action="gate.overridden")
    assert event.actor == admin
    assert event.details["reason"] == "the old one fails on our phone lines"


def test_the_newest_report_against_this_very_champion_counts(old, new, admin):
    gate(new, make_version("another"), passed=True)
    gate(new, old, passed=True)
    gate(new, old, passed=False)

    with pytest.raises(PromotionError):
        promote_by_gate(version=new, actor=admin)


def test_a_file_that_was_changed_in_storage_never_becomes_champion(old, new, admin):
    gate(new, old, passed=True)
    with new.artifact.storage.open(new.artifact.name, "wb") as file:
        file.write(b"something else")

    with pytest.raises(PromotionError) as stopped:
        promote_by_gate(version=new, actor=admin)
    assert stopped.value.code == "artifact_changed"
    new.artifact.storage.delete(new.artifact.name)
    with pytest.raises(PromotionError):
        promote_by_gate(version=new, actor=admin)
    assert version_for(AliasName.CHAMPION) == old


def test_going_back_and_forth(old, new, admin):
    gate(new, old, passed=True)
    promote_by_gate(version=new, actor=admin)

    assert roll_back(actor=admin, reason="false alarms") == old

    assert version_for(AliasName.CHAMPION) == old
    assert version_for(AliasName.PREVIOUS) == new
    event = AuditEvent.objects.get(action="version.rolled_back")
    assert (event.target, event.details) == ("new", {"reason": "false alarms", "to": "old"})
    assert roll_back(actor=admin) == new


def test_without_a_former_champion_there_is_nothing_to_go_back_to(old, admin):
    with pytest.raises(PromotionError, match="no_previous"):
        roll_back(actor=admin)


def test_a_challenger_comes_and_goes_and_is_none_once_it_is_champion(old, new, admin):
    set_challenger(version=new, actor=admin)
    assert version_for(AliasName.CHALLENGER) == new
    set_challenger(version=None, actor=admin)
    assert version_for(AliasName.CHALLENGER) is None
    set_challenger(version=new, actor=admin)
    promote_by_gate(version=new, actor=admin, reason="a reason that is long")
    assert version_for(AliasName.CHALLENGER) is None
    with pytest.raises(PromotionError, match="already_champion"):
        set_challenger(version=new, actor=admin)
    actions = AuditEvent.objects.filter(action__startswith="challenger.")
    assert actions.count() == 3
