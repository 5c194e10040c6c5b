"""How fast the history's pages are at 100,000 rows: `tests/run tests/history_at_scale.py -s`.

Prints, for each page, the median of repeated requests at both sizes and their ratio. With
HISTORY_PLANS=1 it prints how PostgreSQL goes about the larger one, too.
"""

import os
import statistics
import time
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from detector.models import Batch, Clip, Prediction, Status
from tests.factories import ModelVersionFactory, UserFactory

pytestmark = pytest.mark.django_db

FEW, MANY = 1_000, 100_000
BATCH = 100
REPEATS = 15
PAGES = {
    "first page": "/history/",
    "oldest first": "/history/?sort=oldest",
    "most likely synthetic first": "/history/?sort=most",
    "a name that many have": "/history/?name=call",
    "a name that one has": "/history/?name=call+000007",
    "a name that none has": "/history/?name=nothing",
    "a verdict": "/history/?verdict=FAKE",
    "failed, 1 in 1,000": "/history/?status=failed",
    "since yesterday": "/history/?since={yesterday}",
    "up to the first day": "/history/?until={first}",
    "a checksum": "/history/?sha256=" + f"{7:064x}",
    "a verdict, most likely first": "/history/?verdict=FAKE&sort=most",
    "dashboard": "/dashboard/",
    "batches": "/history/batches/",
    "first page of the site": "/",
}


def seed(owner, version, count):
    """Rows as a year of work leaves them: of one person, with the usual mix of verdicts."""
    now = timezone.now()
    segments = [
        {"start": 1.0 * k, "end": 3.0 + k, "kind": "speech", "score": 0.5, "probability": 0.6}
        for k in range(10)
    ]
    for start in range(0, count, 5_000):
        numbers = range(start, min(start + 5_000, count))
        clips = Clip.objects.bulk_create(
            Clip(
                owner=owner,
                name=f"call {number:06}, line {number % 7}.wav",
                size=320_000,
                sha256=f"{number:064x}",
                container="wav",
                facts={"duration": 10.0, "container": "wav", "codec": "pcm_s16le"},
                created_at=now - timedelta(minutes=5 * number),
            )
            for number in numbers
        )
        batches = Batch.objects.bulk_create(
            Batch(owner=owner, files=[], created_at=clip.created_at) for clip in clips[::BATCH]
        )
        Prediction.objects.bulk_create(
            _prediction(clip, version, batches[(number - start) // BATCH], number, segments)
            for clip, number in zip(clips, numbers, strict=True)
        )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _prediction(clip, version, batch, number, segments):
    common = {
        "clip": clip,
        "owner": clip.owner,
        "batch": batch,
        "created_at": clip.created_at,
        "started_at": clip.created_at,
        "finished_at": clip.created_at + timedelta(seconds=1),
        "attempts": 1,
    }
    if number % 1_000 == 999:
        return Prediction(status=Status.FAILED, error_code="decode_failed", **common)
    verdict = ("REAL", "REAL", "FAKE", "INCONCLUSIVE", "REAL")[number % 5]
    return Prediction(
        status=Status.DONE,
        model_version=version,
        verdict=verdict,
        probability=(number * 7919 % 10_007) / 10_007,
        score=0.5,
        threshold=0.7,
        real_threshold=0.3,
        segments=segments,
        reasons=[{"code": "score_above_threshold", "weight": None, "params": {}}],
        **common,
    )


def test_measure(client_of, settings):
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}
    version, now = ModelVersionFactory(), timezone.now()
    few, many = UserFactory(), UserFactory()
    seed(few, version, FEW)
    seed(many, version, MANY)
    print(f"\n{'page':32}{FEW:>10,}{MANY:>10,}   ratio")
    for name, path in PAGES.items():
        medians = []
        for person, rows in ((few, FEW), (many, MANY)):
            first = now - timedelta(minutes=5 * rows - 60 * 24)
            address = path.format(
                yesterday=(now - timedelta(days=1)).date(), first=first.date().isoformat()
            )
            medians.append(_median(client_of(person), address))
        print(f"{name:32}{medians[0]:8.0f}ms{medians[1]:8.0f}ms   {medians[1] / medians[0]:.1f}")
        if os.environ.get("HISTORY_PLANS"):
            _plans(client_of(many), address)


def _median(client, address):
    client.get(address)
    took = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        assert client.get(address).status_code == 200
        took.append(1000 * (time.perf_counter() - start))
    return statistics.median(took)


def _plans(client, address):
    with CaptureQueriesContext(connection) as queries:
        client.get(address)
    for query in queries:
        if float(query["time"]) < 0.02:
            continue
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS OFF) {query['sql']}")
            print(query["sql"][:60], *(row[0] for row in cursor.fetchall()), sep="\n    ")
