"""A team that shares its history: its members see each other's clips, and only see them."""

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from accounts.models import Team
from detector import selectors, services
from detector.models import Batch
from tests.factories import PredictionFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def team():
    return Team.objects.create(name="Desk", shares_history=True)


@pytest.fixture
def theirs(team):
    """A colleague's judged clip."""
    colleague = UserFactory(team=team)
    batch = Batch.objects.create(owner=colleague)
    return PredictionFactory(done=True, clip__owner=colleague, batch=batch)


@pytest.fixture
def member(team):
    return UserFactory(team=team)


def seen(person, prediction):
    return (
        prediction in selectors.predictions_of(person),
        selectors.prediction_of(person, prediction.pk) is not None,
        selectors.clip_of(person, prediction.clip_id) is not None,
        selectors.batch_of(person, prediction.batch_id) is not None,
    )


def test_members_see_what_their_team_has(theirs, member):
    assert seen(member, theirs) == (True,) * 4


def test_nobody_else_does(theirs, team):
    assert seen(UserFactory(), theirs) == (False,) * 4
    assert (
        seen(UserFactory(team=Team.objects.create(name="B", shares_history=True)), theirs)
        == (False,) * 4
    )


def test_a_team_that_does_not_share_shows_nothing(theirs, member, team):
    team.shares_history = False
    team.save()
    member.refresh_from_db()
    assert seen(member, theirs) == (False,) * 4


def test_only_who_sent_a_clip_deletes_it(theirs, member, client_of):
    with pytest.raises(PermissionDenied):
        services.delete_clip(clip=theirs.clip, actor=member)
    browser: Client = client_of(member)
    answer = browser.delete(f"/api/v1/predictions/{theirs.pk}", headers={"X-CSRFToken": "a" * 32})
    assert answer.status_code == 403
    theirs.clip.refresh_from_db()
    assert theirs.clip.deleted_at is None
    services.delete_clip(clip=theirs.clip, actor=theirs.owner)


def test_only_who_sent_a_clip_cancels_it(theirs, member, client_of):
    waiting = PredictionFactory(clip__owner=theirs.owner, batch=theirs.batch)
    for path in (f"predictions/{waiting.pk}", f"predict/batch/{theirs.batch_id}"):
        answer = client_of(member).post(f"/api/v1/{path}/cancel")
        assert answer.status_code == 403
    waiting.refresh_from_db()
    assert waiting.status == "queued"


def test_the_pages_say_whose_a_clip_is_and_offer_nothing_that_is_refused(
    theirs, member, client_of, settings
):
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}
    pages = [f"/predictions/{theirs.pk}/", "/history/"]
    for page in pages:
        assert 'data-testid="delete"' not in client_of(member).get(page).text
        assert 'data-testid="delete"' in client_of(theirs.owner).get(page).text
    assert theirs.owner.email in client_of(member).get("/history/").text
