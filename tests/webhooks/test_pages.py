"""Webhooks on the site."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from tests.webhooks.conftest import Receiver
from webhooks import signing
from webhooks.delivery import deliver_due
from webhooks.models import Endpoint

pytestmark = pytest.mark.django_db

PAGE = "/account/webhooks/"


@pytest.fixture(autouse=True)
def _static_files_by_their_own_names(settings: Any) -> None:
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}


@pytest.fixture
def browser(owner: User, client_of: Callable[[User], Client]) -> Client:
    """The owner's browser."""
    return client_of(owner)


def test_an_endpoint_is_added_and_its_secret_shown_once(browser: Client, owner: User) -> None:
    wish = {"url": "https://hooks.example.org/", "events": ["batch.done"], "description": "queue"}
    answer = browser.post(PAGE, wish)
    endpoint = Endpoint.objects.get()
    assert (endpoint.owner, endpoint.events) == (owner, ["batch.done"])
    assert signing.secret(endpoint.salt) in answer.text
    assert "whsec_" not in browser.get(PAGE).text
    assert "whsec_" not in browser.get(f"{PAGE}{endpoint.pk}/").text


@pytest.mark.parametrize("url", ["", "ftp://example.org", "https://user:pw@example.org"])
def test_a_wrong_address_is_refused_at_its_field(browser: Client, url: str) -> None:
    answer = browser.post(PAGE, {"url": url, "events": ["batch.done"]})
    assert answer.status_code == 422
    assert 'id="id_url_error"' in answer.text
    assert not Endpoint.objects.exists()


def test_a_test_shows_in_the_log_what_came_back(
    browser: Client, endpoint: Endpoint, receiver: Receiver
) -> None:
    receiver.answers = [(418, {}, b"<b>teapot</b>")]
    browser.post(f"{PAGE}{endpoint.pk}/test/")
    deliver_due(endpoint.pk)
    page = browser.get(f"{PAGE}{endpoint.pk}/").text
    assert "It answered 418." in page
    detail = browser.get(re.search(rf"{PAGE}deliveries/[\w-]+/", page)[0]).text
    assert "&lt;b&gt;teapot&lt;/b&gt;" in detail


def test_a_delivery_is_sent_again(browser: Client, endpoint: Endpoint, receiver: Receiver) -> None:
    row = endpoint.deliveries.create(event="batch.done", data={}, status="failed")
    browser.post(f"{PAGE}deliveries/{row.pk}/resend/")
    deliver_due(endpoint.pk)
    assert len(receiver.got) == 1


def test_it_is_changed_switched_off_and_on_and_deleted(browser: Client, endpoint: Endpoint) -> None:
    page = f"{PAGE}{endpoint.pk}/"
    browser.post(page, {"url": "https://other.example.org/", "events": ["run.done"]})
    endpoint.refresh_from_db()
    assert (endpoint.url, endpoint.events) == ("https://other.example.org/", ["run.done"])
    browser.post(f"{page}switch/")
    assert "Off" in browser.get(page).text
    browser.post(f"{page}switch/")
    endpoint.refresh_from_db()
    assert endpoint.disabled_at is None
    assert browser.get(f"{page}delete/").status_code == 200
    browser.post(f"{page}delete/")
    assert not Endpoint.objects.exists()


def test_a_new_secret_comes_after_a_question(browser: Client, endpoint: Endpoint) -> None:
    page = f"{PAGE}{endpoint.pk}/secret/"
    assert "whsec_" not in browser.get(page).text
    answer = browser.post(page)
    endpoint.refresh_from_db()
    assert signing.secret(endpoint.salt) in answer.text


def test_the_lists_take_a_fixed_number_of_queries(
    browser: Client, endpoint: Endpoint, django_assert_max_num_queries: Callable
) -> None:
    for _ in range(20):
        row = endpoint.deliveries.create(event="batch.done", data={})
        row.log.create(error="no", seconds=0.1)
    with django_assert_max_num_queries(6):
        browser.get(f"{PAGE}{endpoint.pk}/")
    with django_assert_max_num_queries(4):
        browser.get(PAGE)
