"""Versions never change; aliases move, and the former champion is remembered."""

import hashlib
import json

import pytest

from accounts.models import AuditEvent
from tests.factories import ModelVersionFactory
from training.models import AliasName, ModelVersion
from training.selectors import version_for
from training.services import BundleError, promote, register_version


@pytest.fixture
def bundle(tmp_path):
    """A bundle as training writes it, but for the model itself."""
    artifact = b"a model"
    manifest = {
        "name": "base-1",
        "schema": "voicetell-1",
        "artifact_sha256": hashlib.sha256(artifact).hexdigest(),
        "threshold": 0.7,
    }
    (tmp_path / "model.skops").write_bytes(artifact)
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    return tmp_path


def rewrite(bundle, **changes):
    """Change the bundle's manifest."""
    path = bundle / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def test_a_bundle_is_copied_into_storage(db, bundle):
    version = register_version(bundle=bundle)

    with version.artifact.open("rb") as file:
        assert file.read() == b"a model"
    assert (version.name, version.threshold) == ("base-1", 0.7)


def test_registering_again_is_no_new_version(db, bundle):
    assert register_version(bundle=bundle) == register_version(bundle=bundle)
    assert ModelVersion.objects.count() == 1
    assert AuditEvent.objects.filter(action="version.registered").count() == 1


def test_an_artifact_that_is_not_the_described_one_is_refused(db, bundle):
    (bundle / "model.skops").write_bytes(b"another model")

    with pytest.raises(BundleError, match="base-1"):
        register_version(bundle=bundle)
    assert not ModelVersion.objects.exists()


def test_a_name_cannot_be_given_to_other_content(db, bundle):
    register_version(bundle=bundle)
    rewrite(bundle, threshold=0.5)

    with pytest.raises(BundleError, match="never change"):
        register_version(bundle=bundle)
    assert ModelVersion.objects.get().threshold == 0.7


def test_a_version_cannot_be_written_again(db):
    version = ModelVersionFactory()
    version.manifest = {"threshold": 0.1}

    with pytest.raises(TypeError, match="immutable"):
        version.save()
    with pytest.raises(TypeError, match="immutable"):
        ModelVersion.objects.get(pk=version.pk).save(update_fields=["manifest"])


def test_promoting_moves_the_champion_and_remembers_the_former(db, admin):
    first, second = ModelVersionFactory(), ModelVersionFactory()
    promote(version=first)
    assert version_for(AliasName.CHAMPION) == first
    assert version_for(AliasName.PREVIOUS) is None

    promote(version=second, actor=admin, reason="fewer false alarms")

    assert version_for(AliasName.CHAMPION) == second
    assert version_for(AliasName.PREVIOUS) == first
    event = AuditEvent.objects.filter(action="version.promoted").first()
    assert event.actor == admin
    assert event.details == {"reason": "fewer false alarms", "from": first.name}


def test_promoting_the_champion_changes_nothing(db):
    first, second = ModelVersionFactory(), ModelVersionFactory()
    for version in (first, second, second):
        promote(version=version)

    assert version_for(AliasName.PREVIOUS) == first
    assert AuditEvent.objects.filter(action="version.promoted").count() == 2
