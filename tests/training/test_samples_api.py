"""Samples over HTTP: who may, what is answered, and what the original's clients may rely on."""

import io
import zipfile
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import Scope
from tests.api.conftest import assert_problem
from tests.factories import ClipFactory, PredictionFactory, SampleFactory
from training.models import Label, Sample, SampleState
from training.selectors.samples import trainable
from training.unpacking import unpack_archive

pytestmark = pytest.mark.django_db

URL = "/api/v1"
EVERYTHING = [Scope.PREDICT, Scope.READ, Scope.LABEL, Scope.TRAIN]


@pytest.fixture
def program(api, curator):
    """The curator's program."""
    return api(curator, [Scope.LABEL])


@pytest.fixture
def upload(clip_file):
    def make(name, content=None):
        return SimpleUploadedFile(name, content or clip_file(name).read_bytes())

    return make


def add_files(program, files, **fields):
    return program.post(f"{URL}/retrain/add-files", {"files": files, **fields}, format="multipart")


def test_files_are_kept_with_their_labels_and_bad_ones_answered(program, upload):
    files = [
        upload("real-prompt.wav"),
        upload("notes.txt", b"dear diary"),
        upload("fake-flite.wav"),
    ]
    answer = add_files(
        program, files, labels=["REAL", "real", "fake"], languages=["en"], generators=["", "", "F"]
    )
    assert answer.status_code == 200, answer.content
    body = answer.json()
    assert (body["total"], body["added"], body["refused"], body["waiting"]) == (3, 2, 1, 2)
    assert [result["status"] for result in body["results"]] == ["added", "refused", "added"]
    assert body["results"][1]["error"]["code"] == "unsupported_format"
    kept = Sample.objects.get(label=Label.FAKE)
    assert (kept.language, kept.generator, kept.origin) == ("en", "F", "api")


def test_more_than_twenty_files_go_in_one_request(program, upload, clip_file):
    content = clip_file("fake-espeak.mp3").read_bytes()
    files = [upload(f"{n}.mp3", content + bytes([n])) for n in range(25)]
    body = add_files(program, files, labels=["fake"]).json()
    assert body["added"] == 25


def test_labels_with_commas_are_read_as_one_for_each(program, upload):
    body = add_files(
        program, [upload("real-prompt.wav"), upload("fake-flite.wav")], labels=["REAL,FAKE"]
    ).json()
    assert [result["label"] for result in body["results"]] == ["real", "fake"]


def test_a_manifest_may_describe_the_files(program, upload):
    manifest = SimpleUploadedFile(
        "m.csv", b"file,label,speaker\nreal-prompt.wav,real,Ann\nother.wav,fake,Bob\n"
    )
    files = [upload("real-prompt.wav"), upload("fake-flite.wav")]
    body = add_files(program, files, manifest=manifest).json()
    assert [result["status"] for result in body["results"]] == ["added", "refused"]
    assert body["results"][1]["error"]["code"] == "not_in_manifest"
    assert Sample.objects.get().speaker == "Ann"


def test_without_labels_nothing_is_kept(program, upload):
    assert_problem(add_files(program, [upload("real-prompt.wav")]), 422, "labels_do_not_fit")
    assert not Sample.objects.exists()


def test_labels_that_do_not_fit_the_files_keep_nothing(program, upload):
    files = [upload("real-prompt.wav")]
    assert_problem(add_files(program, files, labels=["real", "fake"]), 422, "labels_do_not_fit")
    assert not Sample.objects.exists()


def test_who_may_train_confirms_by_adding_and_others_leave_it_to_review(
    api, program, model_owner, upload
):
    trainer = api(model_owner, EVERYTHING)
    add_files(trainer, [upload("real-prompt.wav")], labels=["real"])
    add_files(program, [upload("fake-flite.wav")], labels=["fake"])
    limited = api(model_owner, [Scope.LABEL])
    add_files(limited, [upload("fake-espeak.mp3")], labels=["fake"])
    assert Sample.objects.get(state=SampleState.CONFIRMED).name == "real-prompt.wav"


def test_an_archive_is_answered_file_by_file(program, clip_file, django_assert_max_num_queries):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("manifest.csv", "file,label\na.wav,real\ngone.wav,fake\n")
        archive.writestr("a.wav", clip_file("real-prompt.wav").read_bytes())
    file = SimpleUploadedFile("samples.zip", buffer.getvalue())
    answer = program.post(f"{URL}/samples/archive", {"file": file}, format="multipart")
    assert (answer.status_code, answer.json()["state"]) == (202, "queued")
    assert (answer.json()["total"], answer.json()["done"]) == (2, 0)

    unpack_archive(answer.json()["id"])
    found = program.get(answer["Location"]).json()
    counted = {name: found[name] for name in ("done", "added", "duplicates", "refused", "waiting")}
    assert counted == {"done": 2, "added": 1, "duplicates": 0, "refused": 1, "waiting": 1}
    assert found["state"] == "done"
    with django_assert_max_num_queries(4):
        files = program.get(found["links"]["files"], {"page_size": 1}).json()
    assert [row["status"] for row in files["results"]] == ["added"]
    assert files["results"][0]["sample"] == str(Sample.objects.get().pk)
    last = program.get(files["next"]).json()["results"]
    assert [row["error"]["code"] for row in last] == ["not_in_archive"]


def test_an_archive_that_cannot_be_read_is_refused_at_once(program):
    broken = SimpleUploadedFile("samples.zip", b"PK")
    refused = program.post(f"{URL}/samples/archive", {"file": broken}, format="multipart")
    assert_problem(refused, 422, "archive_unreadable")
    nobody = program.get(f"{URL}/samples/archive/{uuid4()}")
    assert_problem(nobody, 404, "not_found")


def test_the_list_is_paged_and_filtered(program, django_assert_max_num_queries):
    fakes = SampleFactory.create_batch(3, label=Label.FAKE, language="de")
    SampleFactory.create_batch(2)
    with django_assert_max_num_queries(4):
        first = program.get(f"{URL}/samples", {"label": "fake", "page_size": 2}).json()
    second = program.get(first["next"]).json()
    ids = [row["id"] for row in first["results"] + second["results"]]
    assert sorted(ids) == sorted(str(sample.pk) for sample in fakes)
    assert second["next"] is None
    assert len(program.get(f"{URL}/samples", {"language": "de"}).json()["results"]) == 3
    assert_problem(program.get(f"{URL}/samples", {"label": "robot"}), 400, "invalid_request")


def test_a_sample_is_described_reviewed_and_deleted(program, add):
    sample = add()
    address = f"{URL}/samples/{sample.pk}"
    changed = program.patch(address, {"speaker": "Ann"}, format="json").json()
    assert changed["speaker"] == "Ann"
    said = program.post(f"{address}/opinions", {"label": "fake"}, format="json").json()
    assert [opinion["label"] for opinion in said["opinions"]] == ["fake"]

    def review(decision, **more):
        body = {"samples": [str(sample.pk)], "decision": decision, **more}
        return program.post(f"{URL}/samples/review", body, format="json")

    Sample.objects.update(extraction="done", duration=5.0)
    assert review("confirm", label="fake").json() == {"changed": 1}
    assert trainable().get().label == Label.FAKE
    assert_problem(review("relabel"), 422, "label_missing")
    assert_problem(review("praise"), 400, "invalid_request")
    assert review("delete").json() == {"changed": 1}
    assert_problem(program.get(address), 404, "not_found")
    assert review("confirm").json() == {"changed": 0}


@pytest.mark.parametrize(
    ("method", "route"),
    [
        ("post", "retrain/add-files"),
        ("post", "samples/archive"),
        ("get", "samples/archive/{sample}"),
        ("get", "samples/archive/{sample}/files"),
        ("get", "samples"),
        ("get", "samples/{sample}"),
        ("patch", "samples/{sample}"),
        ("post", "samples/{sample}/opinions"),
        ("post", "samples/review"),
    ],
)
def test_samples_are_for_those_who_may_label(api, client, owner, curator, method, route):
    sample = SampleFactory()
    address = f"{URL}/{route.format(sample=sample.pk)}"
    analyst = api(owner, EVERYTHING)
    assert_problem(getattr(analyst, method)(address), 403, "role_missing")
    reader = api(curator, [Scope.READ])
    assert_problem(getattr(reader, method)(address), 403, "scope_missing")
    assert_problem(getattr(client, method)(address), 401, "not_authenticated")


@pytest.fixture
def judged(owner, clip_file):
    """A clip of the owner that was called FAKE."""
    content = clip_file("real-prompt.wav").read_bytes()
    clip = ClipFactory(owner=owner, audio=ContentFile(content, name="a.wav"))
    return PredictionFactory(done=True, clip=clip)


def test_a_wrong_verdict_is_reported_by_whoever_got_it(api, owner, stranger, judged):
    address = f"{URL}/predictions/{judged.pk}/feedback"
    body = {"label": "real", "note": "my own voice"}
    assert_problem(api(stranger, EVERYTHING).post(address, body, format="json"), 404, "not_found")
    mine = api(owner, [Scope.PREDICT])
    answer = mine.post(address, body, format="json")
    assert (answer.status_code, answer.json()["status"]) == (201, "added")
    assert Sample.objects.get().state == SampleState.WAITING
    again = mine.post(address, body, format="json")
    assert again.json() == {"sample": answer.json()["sample"], "status": "duplicate"}
    assert_problem(mine.post(address, {"label": "fake"}, format="json"), 422, "not_a_correction")
