"""The monitor's page."""

from django.urls import reverse

from accounts.models import AuditEvent
from tests.factories import PredictionFactory, version_like
from training.models import Rejudging, RejudgingState
from training.services.promotion import set_challenger


def test_it_shows_what_comes_in_and_who_is_in_shadow(champion, curator):
    set_challenger(version=version_like(champion, "challenger-1"), actor=None)
    PredictionFactory(done=True, model_version=champion)
    page = curator.get(reverse("training:monitor")).text
    assert "1 clip judged by" in page
    assert "nothing can be concluded" in page
    assert "challenger-1" in page
    assert 'data-testid="plot-psi"' in page


def test_who_may_train_starts_and_cancels_a_re_judging(champion, model_owner, curator):
    other = version_like(champion, "other")
    PredictionFactory(done=True, model_version=champion)
    start = reverse("training:rejudge")
    assert curator.post(start, {"version": other.pk}).status_code == 403
    assert not Rejudging.objects.exists()

    page = model_owner.post(start, {"version": other.pk, "verdict": ""}, follow=True).text
    job = Rejudging.objects.get()
    assert "other looks at 1 clips again" in page
    assert 'data-state="running"' in page
    cancel = reverse("training:rejudge-cancel", args=[job.pk])
    assert curator.post(cancel).status_code == 403
    model_owner.post(cancel)
    job.refresh_from_db()
    assert job.state == RejudgingState.CANCELLED
    actions = AuditEvent.objects.values_list("action", flat=True)
    assert {"rejudging.started", "rejudging.cancelled"} <= set(actions)


def test_the_page_takes_few_queries(champion, curator, django_assert_max_num_queries):
    for _ in range(5):
        PredictionFactory(done=True, model_version=champion)
    curator.get(reverse("training:monitor"))
    with django_assert_max_num_queries(14):
        curator.get(reverse("training:monitor"))
