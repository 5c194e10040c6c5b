"""Nobody sees a page without logging in, and nobody sees what is another person's."""

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from detector.models import Batch, Clip, Prediction, SavedFilter
from detector.selectors import share_token
from detector.services import share
from detector.web.urls import urlpatterns
from tests.factories import ClipPictureFactory, PredictionFactory

OPEN_TO_ALL = {"theme"}
POST_ONLY = {
    "upload",
    "judge-example",
    "batch-open",
    "batch-add",
    "batch-close",
    "share-revoke",
    "history-selected",
    "filter-save",
    "filter-delete",
}
SOUND = ("clip-audio", "clip-spectrogram", "shared-audio", "shared-spectrogram")
OWN = ("clip-audio", "clip-spectrogram", "prediction-rejudge", "prediction-share")


@pytest.fixture
def addresses(owner: User) -> dict[str, str]:
    """Every page of the website, about something of the owner's."""
    prediction = PredictionFactory(clip__owner=owner, done=True)
    ClipPictureFactory(clip=prediction.clip)
    saved = SavedFilter.objects.create(owner=owner, name="x", query="verdict=FAKE")
    link = share(prediction=prediction, actor=owner, days=1)
    ids: dict[str, UUID | int | str] = {
        "filter_id": saved.pk,
        "clip_id": prediction.clip_id,
        "prediction_id": prediction.pk,
        "batch_id": Batch.objects.create(owner=owner).pk,
        "link_id": link.pk,
        "token": share_token(link),
    }
    found = {}
    for route in urlpatterns:
        kwargs = {name: ids[name] for name in route.pattern.converters}
        found[route.name] = reverse(route.name, kwargs=kwargs)
    return found


def test_who_is_not_logged_in_is_sent_to_log_in(addresses: dict[str, str], client: Client) -> None:
    for name in addresses.keys() - OPEN_TO_ALL:
        ask = client.post if name in POST_ONLY else client.get
        answer = ask(addresses[name])
        assert answer.status_code == 302, name
        assert answer["Location"].startswith("/account/login/?next="), name


def test_a_part_of_a_page_takes_the_whole_page_to_log_in(client: Client, db: None) -> None:
    answer = client.get(
        "/recent/", headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/"}
    )

    assert answer.headers["HX-Redirect"] == "/account/login/?next=%2F"


def test_the_owner_sees_their_own(addresses: dict[str, str], browser: Client) -> None:
    for name in addresses.keys() - OPEN_TO_ALL - POST_ONLY:
        answer = browser.get(addresses[name])
        assert answer.status_code == 200, name
        assert "no-store" in answer["Cache-Control"] or name in SOUND, name


@pytest.mark.parametrize("who", ["stranger", "teammate", "admin"])
def test_nobody_else_sees_it(
    who: str,
    addresses: dict[str, str],
    client_of: Callable[[User], Client],
    request: pytest.FixtureRequest,
) -> None:
    other = client_of(request.getfixturevalue(who))
    for name in ("prediction", "prediction-live", "batch", *OWN, "clip-delete"):
        assert other.get(addresses[name]).status_code == 404, name
    for name in ("batch-add", "batch-close", "share-revoke", "prediction-rejudge"):
        assert other.post(addresses[name], {"files": "x"}).status_code == 404, name
    for name in ("home", "recent", "history"):
        assert 'data-testid="row"' not in other.get(addresses[name]).text, name


def test_a_stranger_deletes_nothing(
    addresses: dict[str, str], stranger: User, client_of: Callable[[User], Client]
) -> None:
    assert client_of(stranger).post(addresses["clip-delete"]).status_code == 404
    assert Clip.objects.get().deleted_at is None


def test_what_is_not_there_looks_like_what_is_not_yours(browser: Client) -> None:
    assert browser.get(f"/predictions/{uuid4()}/").status_code == 404


def test_nothing_of_a_deleted_clip_is_shown(addresses: dict[str, str], browser: Client) -> None:
    browser.post(addresses["clip-delete"])

    assert Prediction.objects.count() == 1
    for name in ("prediction", "prediction-live", *SOUND, "clip-delete"):
        assert browser.get(addresses[name]).status_code == 404, name
    assert 'data-testid="row"' not in browser.get("/history/").text
