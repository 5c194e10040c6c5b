"""The dashboard counts what its reader may know of."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Role
from detector.activity import per_day
from detector.models import Prediction
from tests.factories import PredictionFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def history(owner):
    """Of the owner: two FAKE today, one REAL three days ago, one failed, one old."""
    PredictionFactory.create_batch(2, done=True, clip__owner=owner)
    before = PredictionFactory(done=True, clip__owner=owner, verdict="REAL")
    PredictionFactory(failed=True, clip__owner=owner)
    old = PredictionFactory(done=True, clip__owner=owner)
    for row, days in ((before, 3), (old, 40)):
        when = timezone.now() - timedelta(days=days)
        Prediction.objects.filter(pk=row.pk).update(created_at=when)


def test_days_are_counted_by_verdict_without_gaps(history, owner):
    found = per_day(Prediction.objects.all(), 30)

    assert len(found.days) == 30
    assert found.days[-1] == timezone.now().date()
    assert found.by_verdict["FAKE"] == [0] * 29 + [2]
    assert found.by_verdict["REAL"] == [0] * 26 + [1, 0, 0, 0]
    assert found.failed[-1] == 1


def shown(client, words):
    return words in client.get("/dashboard/").text


def test_an_analyst_sees_their_own_and_an_owner_of_models_everybodys(history, browser, client_of):
    assert shown(browser, "2 called fake")
    assert not shown(client_of(UserFactory()), "called fake</title>")
    assert shown(client_of(UserFactory(role=Role.OWNER)), "2 called fake")


def test_an_empty_site_has_a_dashboard(browser):
    assert shown(browser, "No model is the champion")


def test_it_names_the_champion_and_its_figures(browser, champion):
    page = browser.get("/dashboard/").text
    assert champion.name in page
    assert f"{100 * champion.manifest['metrics']['overall']['eer']:.0f}" in page


def test_it_asks_the_database_a_fixed_number_of_times(
    browser, champion, owner, django_assert_max_num_queries
):
    PredictionFactory.create_batch(20, done=True, clip__owner=owner)
    with django_assert_max_num_queries(10):
        browser.get("/dashboard/")
