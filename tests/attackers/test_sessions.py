"""Whose session it is: nobody's but that of who logged in, and gone when they leave."""

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client

from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db


def log_in(browser, person):
    answer = browser.post("/account/login/", {"login": person.email, "password": PASSWORD})
    assert answer.status_code == 302


def test_a_session_that_somebody_laid_out_beforehand_is_not_taken(owner):
    attacker = Client()
    attacker.get("/account/login/")
    attacker.session["planted"] = "here"
    attacker.session.save()
    laid_out = attacker.session.session_key

    victim = Client()
    victim.cookies[settings.SESSION_COOKIE_NAME] = laid_out
    log_in(victim, owner)

    assert victim.session.session_key != laid_out
    attacker.cookies[settings.SESSION_COOKIE_NAME] = laid_out
    assert attacker.get("/history/").status_code == 302, "to the log-in page"


def test_a_made_up_session_becomes_no_session(owner):
    browser = Client()
    browser.cookies[settings.SESSION_COOKIE_NAME] = "abcdefghijklmnopqrstuvwxyz012345"
    log_in(browser, owner)
    assert browser.session.session_key != "abcdefghijklmnopqrstuvwxyz012345"


def test_who_logs_out_leaves_nothing_that_opens(owner):
    browser = Client()
    log_in(browser, owner)
    kept = browser.session.session_key
    browser.post("/account/logout/")

    thief = Client()
    thief.cookies[settings.SESSION_COOKIE_NAME] = kept
    assert thief.get("/history/").status_code == 302
    assert not Session.objects.filter(session_key=kept).exists()


def test_no_script_reads_the_session_and_no_other_site_sends_it(owner):
    browser = Client()
    log_in(browser, owner)
    cookie = browser.cookies[settings.SESSION_COOKIE_NAME]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
