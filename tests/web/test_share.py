"""A link to a result: for whom, until when, and what is written down about it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import AuditEvent, Team, User
from detector.models import Prediction, ShareLink
from detector.selectors import share_token
from tests.factories import ClipPictureFactory, PredictionFactory, facts

ClientOf = Callable[[User], Client]


@pytest.fixture
def prediction(owner: User) -> Prediction:
    found = PredictionFactory(clip__owner=owner, clip__facts=facts(), done=True)
    ClipPictureFactory(clip=found.clip)
    return found


@pytest.fixture
def link(prediction: Prediction, browser: Client) -> ShareLink:
    """A link that the owner made on the page."""
    answer = browser.post(f"/predictions/{prediction.pk}/share/", {"days": 7}, follow=True)
    found = ShareLink.objects.get()
    assert f"http://testserver{address(found)}" in answer.text
    return found


def address(link: ShareLink) -> str:
    return f"/shared/{share_token(link)}/"


def test_a_colleague_sees_the_result_and_hears_it_and_can_change_nothing(
    link: ShareLink, prediction: Prediction, stranger: User, client_of: ClientOf
) -> None:
    colleague = client_of(stranger)

    page = colleague.get(address(link))

    assert page.status_code == 200
    assert "Synthetic voice" in page.text
    assert 'data-testid="reasons"' in page.text
    assert f'src="{address(link)}audio/"' in page.text
    assert colleague.get(f"{address(link)}audio/").getvalue() == b"RIFF"
    assert colleague.get(f"{address(link)}spectrogram/")["Content-Type"] == "image/png"
    for own in (f"/predictions/{prediction.pk}/", f"/clips/{prediction.clip_id}/"):
        assert own not in page.text
    assert colleague.get(f"/predictions/{prediction.pk}/").status_code == 404


def test_it_ends(link: ShareLink, stranger: User, client_of: ClientOf) -> None:
    assert timezone.now() + timedelta(days=8) > link.expires_at > timezone.now() + timedelta(days=6)
    ShareLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    for path in (address(link), f"{address(link)}audio/", f"{address(link)}spectrogram/"):
        assert client_of(stranger).get(path).status_code == 404


def test_it_can_be_taken_back(
    link: ShareLink, prediction: Prediction, browser: Client, stranger: User, client_of: ClientOf
) -> None:
    answer = browser.post(f"/predictions/{prediction.pk}/share/{link.pk}/revoke/", follow=True)

    assert "leads nowhere" in answer.text
    assert client_of(stranger).get(address(link)).status_code == 404


def test_a_link_that_was_not_signed_here_leads_nowhere(
    link: ShareLink, stranger: User, client_of: ClientOf
) -> None:
    for token in (str(link.pk), f"{link.pk}:forged", "x"):
        assert client_of(stranger).get(f"/shared/{token}/").status_code == 404


def test_of_a_team_it_is_for_that_team(
    link: ShareLink, owner: User, teammate: User, stranger: User, client_of: ClientOf
) -> None:
    team = Team.objects.create(name="Desk")
    User.objects.filter(pk__in=[owner.pk, teammate.pk]).update(team=team)

    assert client_of(teammate).get(address(link)).status_code == 200
    assert client_of(stranger).get(address(link)).status_code == 404


def test_it_leads_to_nothing_once_the_clip_is_deleted(
    link: ShareLink,
    prediction: Prediction,
    browser: Client,
    stranger: User,
    client_of: ClientOf,
) -> None:
    browser.post(f"/clips/{prediction.clip_id}/delete/")

    assert client_of(stranger).get(address(link)).status_code == 404


def test_who_made_it_opened_it_and_took_it_back_is_on_record(
    link: ShareLink, prediction: Prediction, browser: Client, stranger: User, client_of: ClientOf
) -> None:
    client_of(stranger).get(address(link))
    browser.post(f"/predictions/{prediction.pk}/share/{link.pk}/revoke/")

    events = AuditEvent.objects.filter(action__startswith="share.", target=str(prediction.pk))
    assert [(event.action, event.actor) for event in events.order_by("at")] == [
        ("share.created", link.created_by),
        ("share.opened", stranger),
        ("share.revoked", link.created_by),
    ]
