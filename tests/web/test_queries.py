"""Lists cost the same number of queries however long they are."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from detector.models import Batch, Prediction
from tests.factories import ModelVersionFactory, PredictionFactory, facts


def of_home(owner: User) -> str:
    return "/"


def of_batch(owner: User) -> str:
    batch, _ = Batch.objects.get_or_create(owner=owner)
    Prediction.objects.update(batch=batch)
    return f"/batches/{batch.pk}/"


def of_result(owner: User) -> str:
    """A result beside other verdicts on the same recording."""
    return f"/predictions/{Prediction.objects.earliest('created_at').pk}/"


@pytest.mark.parametrize("page", [of_home, of_batch, of_result])
def test_six_rows_cost_no_more_queries_than_two(
    page: Callable[[User], str], browser: Client, owner: User
) -> None:
    version = ModelVersionFactory()
    counts = []
    for more in (2, 4):
        PredictionFactory.create_batch(
            more,
            clip__owner=owner,
            clip__facts=facts(),
            clip__sha256="a" * 64,
            done=True,
            model_version=version,
        )
        address = page(owner)
        browser.get(address)
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(address).status_code == 200
        counts.append(len(queries))

    assert counts[0] == counts[1]
