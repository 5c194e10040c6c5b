"""With a second factor on, a password alone opens nothing."""

import re

import pytest
from allauth.mfa.totp.internal.auth import hotp_value, yield_hotp_counters_from_time
from django.test import Client
from django.utils import timezone

from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db


def code_of(secret):
    return f"{hotp_value(secret, next(iter(yield_hotp_counters_from_time()))):06d}"


@pytest.fixture
def secret(owner):
    """The owner's second factor, switched on through the pages."""
    browser = Client()
    browser.post("/account/login/", {"login": owner.email, "password": PASSWORD})
    # Who switches it on shows that they know the password, however lately they logged in.
    answer = browser.get("/account/2fa/totp/activate/")
    page = browser.post(answer["Location"], {"password": PASSWORD}, follow=True).text
    secret = re.search(r'value="([A-Z2-7]{16,})"', page)[1]
    assert browser.post("/account/2fa/totp/activate/", {"code": code_of(secret)}).status_code == 302
    return secret


def half_way(owner):
    browser = Client()
    browser.post("/account/login/", {"login": owner.email, "password": PASSWORD})
    return browser


def test_a_password_alone_opens_nothing(owner, secret):
    assert half_way(owner).get("/")["Location"].startswith("/account/login/")


def test_a_wrong_code_opens_nothing_and_the_right_one_does(owner, secret, monkeypatch):
    from allauth.mfa.totp.internal import auth

    browser = half_way(owner)
    browser.post("/account/2fa/authenticate/", {"code": "000000"})
    assert browser.get("/").status_code == 302
    # A code works once; the one that switched it on was used in this half minute.
    later = timezone.now().timestamp() + 30
    monkeypatch.setattr(auth.time, "time", lambda: later)
    browser.post("/account/2fa/authenticate/", {"code": code_of(secret)})
    assert browser.get("/").status_code == 200


def test_a_recovery_code_works_once(owner, secret):
    from allauth.mfa.models import Authenticator

    codes = Authenticator.objects.get(user=owner, type="recovery_codes").wrap().get_unused_codes()
    for expected in (200, 302):
        browser = half_way(owner)
        browser.post("/account/2fa/authenticate/", {"code": codes[0]})
        assert browser.get("/").status_code == expected
