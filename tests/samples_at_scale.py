"""How the training centre fares at 100,000 samples: `tests/run tests/samples_at_scale.py -s`.

Prints, for each page, the median of repeated requests at both sizes, their ratio and queries.
"""

import statistics
import time
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.factories import UserFactory
from training.models import Extraction, Sample, SampleState
from training.services.runs import start_run

pytestmark = pytest.mark.django_db

FEW, MANY = 1_000, 100_000
REPEATS = 9
PAGES = {
    "overview (not from the cache)": "/training/data/",
    "samples": "/training/data/samples/",
    "samples, a late page": "/training/data/samples/?after={late}",
    "samples of one language": "/training/data/samples/?language=de",
    "samples that people dispute": "/training/data/samples/?disagreement=true",
    "review queue": "/training/data/review/",
    "add": "/training/data/add/",
    "runs": "/training/runs/",
    "models": "/training/models/",
}


def seed(owner, start, stop):
    """Samples as years of work leave them: one in fifty waits, one in a thousand is disputed."""
    now = timezone.now()
    for begin in range(start, stop, 5_000):
        rows = []
        for number in range(begin, min(begin + 5_000, stop)):
            decided = {"decided_by": owner, "decided_at": now} if number % 50 else {}
            rows.append(
                Sample(
                    added_by=owner,
                    origin="api",
                    name=f"call {number:06}.wav",
                    size=64_000,
                    sha256=f"{number:064x}",
                    container="wav",
                    label=("real", "fake")[number % 2],
                    generator=("", "acme-tts")[number % 2],
                    speaker=f"caller {number // 5}",
                    language=("en", "de", "ko")[number % 3],
                    duration=3.0,
                    people_disagree=number % 1_000 == 0,
                    state=SampleState.CONFIRMED if decided else SampleState.WAITING,
                    extraction=Extraction.DONE,
                    created_at=now - timedelta(minutes=number),
                    **decided,
                )
            )
        Sample.objects.bulk_create(rows)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def test_measure(client_of, settings):
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}
    owner = UserFactory(role="owner")
    client = client_of(owner)
    found: dict[str, list[tuple[float, int]]] = {}
    for start, stop in ((0, FEW), (FEW, MANY)):
        seed(owner, start, stop)
        for name, path in PAGES.items():
            late = Sample.objects.order_by("created_at")[stop // 10].pk
            found.setdefault(name, []).append(_measured(client, path.format(late=late)))
        took = time.perf_counter()
        start_run(actor=owner, seed=stop)
        seconds = 1000 * (time.perf_counter() - took)
        found.setdefault("starting a run", []).append((seconds, 0))
    print(f"\n{'page':32}{FEW:>10,}{MANY:>10,}   ratio  queries")
    for name, ((few, _), (many, queries)) in found.items():
        print(f"{name:32}{few:8.0f}ms{many:8.0f}ms   {many / few:5.1f}  {queries:7}")


def _measured(client, address):
    client.get(address)
    took = []
    for _ in range(REPEATS):
        cache.clear()
        start = time.perf_counter()
        assert client.get(address).status_code == 200
        took.append(1000 * (time.perf_counter() - start))
    with CaptureQueriesContext(connection) as queries:
        client.get(address)
    return statistics.median(took), len(queries)
