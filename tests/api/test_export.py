"""The history as a file, and narrowing it down."""

import csv
import io
import json
import subprocess
import sys
from typing import Any

import pyarrow.parquet as pq
import pytest
from rest_framework.test import APIClient

from accounts.models import AuditEvent, User
from detector.models import Prediction
from tests.api.conftest import URL, assert_problem
from tests.factories import ModelVersionFactory, PredictionFactory

pytestmark = pytest.mark.django_db
EXPORT = f"{URL}/predictions/export"


@pytest.fixture
def rows(owner: User, stranger: User) -> list[Prediction]:
    version = ModelVersionFactory(name="v1")
    common = {"clip__owner": owner, "done": True, "model_version": version}
    PredictionFactory(clip__owner=stranger, clip__name="secret.wav")
    return [
        PredictionFactory(
            **common,
            clip__name="=1+1.wav",
            clip__external_id="call-1",
            clip__metadata={"desk": "fraud", "city": "Köln"},
            score=2.5,
        ),
        PredictionFactory(**common, clip__name="b.wav", verdict="REAL", score=-1.5),
        PredictionFactory(clip__owner=owner, clip__name="c.wav"),
    ]


def exported(client: APIClient, query: str) -> bytes:
    response = client.get(f"{EXPORT}?{query}")
    assert response.status_code == 200, response.content
    assert response.streaming
    return b"".join(response.streaming_content)


def read(kind: str, content: bytes) -> list[dict[str, Any]]:
    if kind == "csv":
        return list(csv.DictReader(io.StringIO(content.decode())))
    if kind == "jsonl":
        return [json.loads(line) for line in content.decode().splitlines()]
    return pq.read_table(io.BytesIO(content)).to_pylist()


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
def test_all_that_is_mine_newest_first(
    client: APIClient, rows: list[Prediction], kind: str
) -> None:
    found = read(kind, exported(client, f"format={kind}"))
    assert [row["id"] for row in found] == [str(row.pk) for row in reversed(rows)]
    waiting, real, fake = found
    assert float(fake["score"]) == 2.5
    assert (real["verdict"], real["model_version"]) == ("REAL", "v1")
    assert waiting["probability"] in (None, "")
    metadata = fake["metadata"]
    metadata = metadata if kind == "jsonl" else json.loads(metadata)
    assert metadata == {"desk": "fraud", "city": "Köln"}
    assert AuditEvent.objects.get(action="history.exported").details == {"format": kind}


def test_a_spreadsheet_runs_nothing_that_a_file_is_called(
    client: APIClient, rows: list[Prediction]
) -> None:
    assert [row["filename"] for row in read("csv", exported(client, ""))][-1] == "'=1+1.wav"
    assert [row["filename"] for row in read("jsonl", exported(client, "format=jsonl"))][-1] == (
        "=1+1.wav"
    )


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
def test_an_empty_history_is_a_sound_file(client: APIClient, kind: str) -> None:
    assert read(kind, exported(client, f"format={kind}")) == []


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("external_id=call-1", ["=1+1.wav"]),
        ("external_id=call", []),
        ("metadata=desk:fraud", ["=1+1.wav"]),
        ("metadata=desk:fraude", []),
        ("metadata=city:K%C3%B6ln", ["=1+1.wav"]),
        ("model_version=v1", ["b.wav", "=1+1.wav"]),
        ("min_score=0", ["=1+1.wav"]),
        ("max_score=-1.5", ["b.wav"]),
        ("min_score=-2&max_score=3&verdict=REAL", ["b.wav"]),
    ],
)
def test_filters_narrow_down_the_history_and_its_file(
    client: APIClient, rows: list[Prediction], query: str, found: list[str]
) -> None:
    page = client.get(f"{URL}/predictions?{query}").json()["results"]
    assert [row["filename"] for row in page] == found
    file = read("jsonl", exported(client, f"format=jsonl&{query}"))
    assert [row["filename"] for row in file] == found


@pytest.mark.parametrize(
    "query", ["format=xlsx", "metadata=desk", "metadata=:x", "min_score=x", "min_score=nan"]
)
def test_what_makes_no_sense_is_refused(client: APIClient, query: str) -> None:
    body = assert_problem(client.get(f"{EXPORT}?{query}"), 400, "invalid_request")
    assert body["errors"][0]["field"] == query.split("=")[0]


def test_a_client_that_asks_for_csv_gets_it(client: APIClient, rows: list[Prediction]) -> None:
    response = client.get(EXPORT, headers={"Accept": "text/csv"})
    assert response["Content-Type"] == "text/csv"


def test_a_web_process_starts_without_what_only_files_need() -> None:
    code = "import config.wsgi, sys; import detector.api.urls; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"pyarrow", "fpdf", "PIL", "numpy"} & set(done.stdout.split())
