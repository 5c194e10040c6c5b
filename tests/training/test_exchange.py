"""A version travels as one file; a file that is not exactly that is refused, and runs nothing."""

import hashlib
import io
import json
import os
import pickle
import zipfile

import pytest
from django.core.files.base import ContentFile
from skops import io as skops_io

from accounts.models import AuditEvent
from training.models import AliasName, ModelAlias, ModelVersion
from training.services import BundleError
from training.services.exchange import export_version, import_version

CODE = "touched-by-the-model"


class Malicious:
    """What a pickle may do when it is loaded."""

    def __reduce__(self):
        return os.system, (f"touch {CODE}",)


def calls_the_system():
    """A skops file whose content is a call of `os.system`."""
    honest = zipfile.ZipFile(io.BytesIO(skops_io.dumps({"a": 1})))
    schema = json.loads(honest.read("schema.json"))
    schema |= {
        "__class__": "partial",
        "__module__": "functools",
        "__loader__": "PartialNode",
        "content": {
            "func": {
                "__class__": "system",
                "__module__": "os",
                "__loader__": "FunctionNode",
                "__id__": 5,
            },
            "args": {"__class__": "tuple", "__module__": "builtins", "__loader__": "TupleNode"}
            | {"content": [], "__id__": 6},
            "kwds": {"__class__": "dict", "__module__": "builtins", "__loader__": "DictNode"}
            | {"content": {}, "key_types": schema["key_types"] | {"content": []}, "__id__": 7},
            "namespace": {"__class__": "dict", "__module__": "builtins", "__loader__": "DictNode"}
            | {"content": {}, "key_types": schema["key_types"] | {"content": []}, "__id__": 8},
        },
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("schema.json", json.dumps(schema))
    return file.getvalue()


def repacked(exported, drop=(), **changes):
    """The parts of an exported file, changed; returned as an upload."""
    parts = {}
    with zipfile.ZipFile(io.BytesIO(exported)) as archive:
        for name in archive.namelist():
            parts[name] = archive.read(name)
    parts |= {name.replace("__", "."): content for name, content in changes.items()}
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in parts.items():
            if name not in drop:
                archive.writestr(name, content)
    return ContentFile(file.getvalue(), name="version.zip")


def with_artifact(exported, artifact, **changes):
    """An exported file with another artifact, which its manifest describes correctly."""
    with zipfile.ZipFile(io.BytesIO(exported)) as archive:
        manifest = json.loads(archive.read("manifest.json"))
    manifest |= {"name": "evil", "artifact_sha256": hashlib.sha256(artifact).hexdigest()} | changes
    return repacked(exported, model__skops=artifact, manifest__json=json.dumps(manifest))


@pytest.fixture
def exported(champion, admin):
    with export_version(version=champion, actor=admin) as file:
        return file.read()


def test_there_and_back_again_is_the_same_version(exported, champion, admin):
    ModelAlias.objects.all().delete()
    ModelVersion.objects.all().delete()

    version = import_version(file=ContentFile(exported), actor=admin)

    assert (version.name, version.artifact_sha256) == (champion.name, champion.artifact_sha256)
    assert version.manifest == champion.manifest
    with version.artifact.open() as file:
        assert hashlib.sha256(file.read()).hexdigest() == version.artifact_sha256
    event = AuditEvent.objects.get(action="version.imported")
    assert event.actor == admin
    assert event.details["sha256"] == version.artifact_sha256
    with export_version(version=version, actor=admin) as again:
        assert again.read() == exported
    assert import_version(file=ContentFile(exported), actor=admin) == version


@pytest.mark.parametrize(
    "artifact", [pickle.dumps(Malicious()), calls_the_system()], ids=["pickle", "skops"]
)
def test_code_in_a_file_is_never_run(exported, artifact, admin, settings):
    with pytest.raises(BundleError, match=r"not trusted|cannot be read"):
        import_version(file=with_artifact(exported, artifact), actor=admin)

    assert not (settings.BASE_DIR / CODE).exists()
    assert not ModelVersion.objects.filter(name="evil").exists()


def test_what_is_not_exactly_a_version_is_refused(exported, admin):
    count = ModelVersion.objects.count()
    for file in (
        ContentFile(b"no zip at all"),
        ContentFile(exported[: len(exported) // 2]),
        repacked(exported, model__skops=b"another artifact"),
        repacked(exported, drop=["model.skops"]),
        repacked(exported, **{"../evil__py": b"import os"}),
        repacked(exported, manifest__json=b"{}"),
        repacked(exported, manifest__json=b"[1"),
    ):
        with pytest.raises(BundleError):
            import_version(file=file, actor=admin)
    assert ModelVersion.objects.count() == count


def test_a_bomb_is_not_unpacked(exported, admin):
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("manifest.json", b" " * (17 * 1024**2))
        archive.writestr("model.skops", b"")

    with pytest.raises(BundleError, match="too large"):
        import_version(file=ContentFile(bomb.getvalue()), actor=admin)


def test_another_content_under_a_known_name_is_refused(exported, champion, admin):
    changed = json.dumps(champion.manifest | {"threshold": 0.51})

    with pytest.raises(BundleError, match="never change"):
        import_version(file=repacked(exported, manifest__json=changed), actor=admin)


def test_a_changed_artifact_is_not_passed_on(champion, admin):
    with champion.artifact.storage.open(champion.artifact.name, "wb") as file:
        file.write(b"changed")

    with pytest.raises(BundleError, match="changed"):
        export_version(version=champion, actor=admin)
    assert ModelAlias.objects.get(name=AliasName.CHAMPION).version == champion
