"""Whoever tries token after token is told to wait and logged; nobody else is held back."""

import pytest
from django.conf import settings as django_settings
from rest_framework.test import APIClient

from accounts.services import create_token
from tests.api.conftest import assert_problem

pytestmark = pytest.mark.django_db
PATH = "/api/v1/predictions"
LIMIT = django_settings.BAD_TOKENS_LIMIT


def ask(token, sender):
    headers = {"Authorization": f"Bearer {token}"}
    return APIClient().get(PATH, headers=headers, REMOTE_ADDR=sender)


def test_an_address_that_tries_many_tokens_is_told_to_wait_and_logged_once(owner, caplog):
    _, good = create_token(owner=owner, name="mine", scopes=["read"])
    answers = [ask(f"vt_{number}_x", "10.0.0.1") for number in range(2 * LIMIT + 2)]

    # A minute may end on the way, and then the counting begins anew.
    assert {answer.status_code for answer in answers} == {401, 429}
    assert_problem(answers[0], 401, "invalid_token")
    held = next(answer for answer in answers if answer.status_code == 429)
    assert_problem(held, 429, "throttled")
    assert 1 <= int(held["Retry-After"]) <= 60
    assert ask("vt_1_x", "10.0.0.2").status_code == 401, "from elsewhere"
    assert ask(good, "10.0.0.1").status_code == 200, "a good one, from the same office"
    assert 1 <= caplog.text.count("bad tokens in a minute from 10.0.0.1") <= 2


def test_good_tokens_are_never_counted(owner):
    _, good = create_token(owner=owner, name="mine", scopes=["read"])
    for _ in range(LIMIT + 5):
        assert ask(good, "10.0.0.1").status_code == 200
