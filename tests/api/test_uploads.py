"""Uploads straight into S3, against a server that answers as S3 does."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from detector import direct
from detector.models import Clip, DirectUpload
from detector.upkeep import sweep
from tests.api.conftest import URL, WAV, assert_problem

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def s3_url() -> Iterator[str]:
    """A server of S3's protocol on this machine."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(s3_url: str, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The bucket in which the site keeps its files for this test."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL", s3_url)
    options = {
        "bucket_name": "voicetell",
        "location": "here",
        "default_acl": None,
        "signature_version": "s3v4",
    }
    s3 = {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}
    settings.STORAGES = {**settings.STORAGES, "default": s3}
    found = default_storage.bucket
    found.create()
    yield found
    found.objects.delete()
    found.delete()


@pytest.fixture
def send(bucket: Any) -> Callable[..., int]:
    """Return a function that posts a file as the leave says, and gives the storage's status."""
    import requests

    def post(leave: dict[str, Any], content: bytes = WAV) -> int:
        files = {"file": ("anything", content)}
        return requests.post(
            leave["url"], data=leave["fields"], files=files, timeout=30
        ).status_code

    return post


def begin(client: APIClient, name: str = "call.wav") -> dict[str, Any]:
    response = client.post(f"{URL}/uploads", {"filename": name}, format="json")
    assert response.status_code == 201, response.content
    return response.json()


def keys(bucket: Any) -> list[str]:
    """What is there of clips and uploads."""
    found = sorted(found.key for found in bucket.objects.all())
    return [key for key in found if not key.startswith("here/models/")]


def test_a_file_goes_to_the_storage_and_gets_its_verdict(
    client: APIClient, send: Callable, bucket: Any, judges: None
) -> None:
    leave = begin(client)
    assert send(leave) == 204
    wish = {"external_id": "call 4711"}
    answer = client.post(leave["links"]["predict"], wish, format="json")
    assert answer.status_code == 200, answer.content
    assert (answer.json()["verdict"], answer.json()["filename"]) == ("FAKE", "call.wav")
    clip = Clip.objects.get()
    assert clip.external_id == "call 4711"
    assert keys(bucket) == [f"here/{clip.audio.name}"]


def test_what_is_sent_afterwards_changes_nothing(
    client: APIClient, send: Callable, bucket: Any
) -> None:
    leave = begin(client)
    send(leave)
    now = {"Prefer": "respond-async"}
    assert client.post(leave["links"]["predict"], {}, format="json", headers=now).status_code == 202
    assert send(leave, b"RIFF something else") == 204
    with Clip.objects.get().audio.open() as kept:
        assert kept.read() == WAV


def test_what_was_sent_is_not_trusted(client: APIClient, send: Callable, bucket: Any) -> None:
    leave = begin(client, "../../etc/really-a.wav")
    send(leave, b"dear diary")
    answer = client.post(leave["links"]["predict"], {}, format="json")
    assert_problem(answer, 422, "unsupported_format")
    assert not Clip.objects.exists()


def test_the_storage_itself_is_told_how_much_may_come(
    client: APIClient, bucket: Any, settings: Any
) -> None:
    import base64
    import json

    settings.MAX_UPLOAD_BYTES = 1000
    policy = json.loads(base64.b64decode(begin(client)["fields"]["policy"]))
    assert ["content-length-range", 1, 1000] in policy["conditions"]
    assert {"bucket": "voicetell"} in policy["conditions"]


def test_more_than_may_come_is_refused_when_it_is_to_be_judged(
    client: APIClient, send: Callable, settings: Any
) -> None:
    leave = begin(client)
    send(leave)
    settings.MAX_UPLOAD_BYTES = 10
    answer = client.post(leave["links"]["predict"], {}, format="json")
    assert_problem(answer, 413, "file_too_large")


def test_nothing_sent_is_said(client: APIClient, bucket: Any) -> None:
    leave = begin(client)
    answer = client.post(leave["links"]["predict"], {}, format="json")
    assert_problem(answer, 409, "nothing_uploaded")


def test_what_is_never_asked_for_is_erased(client: APIClient, send: Callable, bucket: Any) -> None:
    send(begin(client))
    sweep()
    assert len(keys(bucket)) == 1
    DirectUpload.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    sweep()
    assert keys(bucket) == []
    assert not DirectUpload.objects.exists()


def test_a_stranger_does_not_get_its_verdict(
    client: APIClient, send: Callable, stranger: User, api: Callable[..., APIClient]
) -> None:
    leave = begin(client)
    send(leave)
    answer = api(stranger).post(leave["links"]["predict"], {}, format="json")
    assert_problem(answer, 404, "not_found")


def test_a_person_may_have_so_many(
    client: APIClient, bucket: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(direct, "MOST", 1)
    begin(client)
    answer = client.post(f"{URL}/uploads", {"filename": "b.wav"}, format="json")
    assert_problem(answer, 429, "queue_full")


def test_where_files_are_not_in_s3_it_says_so(client: APIClient) -> None:
    answer = client.post(f"{URL}/uploads", {"filename": "a.wav"}, format="json")
    assert_problem(answer, 409, "no_direct_upload")
