"""What every answer carries so that a browser or a cache does nothing stupid with it."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from django.urls.resolvers import RoutePattern

from tests.objects import objects_of
from tests.routes import routes

pytestmark = pytest.mark.django_db

DRAWS_ITS_OWN_STYLES = "api:redoc"
"""A page of a library, for reading, whose styles are made while it runs."""

FOR_EVERYBODY = "api:redoc-script"
"""The library itself, which holds nothing of anybody's."""


@pytest.fixture
def addresses(admin, champion):
    """An address of every route, by its name; what it is about is the administrator's."""
    objects = objects_of(admin, champion)
    return {
        route.name: reverse(route.name, kwargs={name: objects[name] for name in route.parameters})
        for route in routes()
        # Two of django-allauth's are by regular expression, and want a key out of an e-mail.
        if isinstance(route.pattern.pattern, RoutePattern)
    }


@pytest.mark.django_db(transaction=True)
def test_no_answer_may_be_framed_sniffed_scripted_or_kept_by_a_cache(addresses, admin, client_of):
    browser = client_of(admin)  # who may open everything
    pages = 0
    for name, path in addresses.items():
        answer = browser.get(path)
        answer.close()  # a stream holds its place until then, and its end closes the connection
        assert answer["X-Frame-Options"] == "DENY", name
        assert answer["X-Content-Type-Options"] == "nosniff", name
        assert answer["Referrer-Policy"] == "same-origin", name
        kept_by_none = re.search(r"\b(private|no-store)\b", answer["Cache-Control"])
        assert kept_by_none or name == FOR_EVERYBODY, name
        if answer.status_code == 200 and answer["Content-Type"].startswith("text/html"):
            pages += 1
            policy = answer["Content-Security-Policy"]
            for directive in ("default-src", "frame-ancestors", "base-uri"):
                assert f"{directive} 'none'" in policy, name
            assert "unsafe" not in policy or name == DRAWS_ITS_OWN_STYLES, name
            assert "http" not in policy, name
    assert pages > 25


def test_no_form_is_taken_without_its_token(admin, addresses):
    """A page of another site can make a browser send a form, and not read ours."""
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(admin)
    refused = 0
    for name, path in addresses.items():
        status = browser.post(path).status_code
        # 405: it takes no form. Of the API's methods, POST is as good as any other here.
        assert status in (403, 405), f"{name}: {status}"
        refused += status == 403
    assert refused > 30
