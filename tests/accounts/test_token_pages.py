"""Tokens on the site: made, shown once, revoked."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import ApiToken, Role, Scope, User
from accounts.selectors import find_token
from accounts.services import create_token

pytestmark = pytest.mark.django_db

PAGE = "/account/tokens/"
WISH = {"name": "call platform", "scopes": ["predict"], "days": "90"}


@pytest.fixture(autouse=True)
def _static_files_by_their_own_names(settings: Any) -> None:
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}


@pytest.fixture
def browser(owner: User, client_of: Callable[[User], Client]) -> Client:
    """The owner's browser."""
    return client_of(owner)


def test_a_token_is_shown_once_and_works(browser: Client, owner: User) -> None:
    answer = browser.post(PAGE, WISH)
    text = re.search(r"vt_[0-9a-f]{12}_[\w-]{30,}", answer.text)
    assert text
    token = find_token(text[0])
    assert token
    assert (token.owner, token.scopes) == (owner, ["predict"])
    assert 89 <= (token.expires_at - token.created_at).days <= 90
    assert text[0] not in browser.get(PAGE).text
    assert f"vt_{token.prefix}_…" in browser.get(PAGE).text
    assert "no-store" in answer["Cache-Control"]


def test_the_form_offers_what_the_role_allows(owner: User, browser: Client) -> None:
    assert 'value="train"' not in browser.get(PAGE).text
    owner.role = Role.OWNER
    owner.save()
    assert 'value="train"' in browser.get(PAGE).text


def test_a_role_that_shrinks_takes_its_tokens_with_it(owner: User) -> None:
    owner.role = Role.OWNER
    owner.save()
    token, _ = create_token(owner=owner, name="a", scopes=[Scope.TRAIN])
    assert token.allows(Scope.TRAIN)
    owner.role = Role.ANALYST
    assert not token.allows(Scope.TRAIN)


@pytest.mark.parametrize(
    "change", [{"name": ""}, {"scopes": []}, {"scopes": ["train"]}, {"days": "100000"}]
)
def test_a_wrong_wish_makes_none(browser: Client, change: dict) -> None:
    assert browser.post(PAGE, WISH | change).status_code == 422
    assert not ApiToken.objects.exists()


def test_a_token_is_revoked_after_a_question(browser: Client, owner: User) -> None:
    token, text = create_token(owner=owner, name="old")
    page = f"{PAGE}{token.pk}/revoke/"
    assert "Revoke this token?" in browser.get(page).text
    assert find_token(text)
    assert browser.post(page)["Location"] == PAGE
    assert find_token(text) is None
    assert browser.post(page).status_code == 404


def test_the_list_takes_a_fixed_number_of_queries(
    browser: Client, owner: User, django_assert_max_num_queries: Callable
) -> None:
    for number in range(20):
        create_token(owner=owner, name=str(number))
    with django_assert_max_num_queries(4):
        assert browser.get(PAGE).text.count('data-testid="row"') == 20


def test_the_command_makes_lists_and_revokes(owner: User, capsys: pytest.CaptureFixture) -> None:
    call_command("token", "create", "--email", owner.email, "--name", "cron", "--days", "7")
    text = capsys.readouterr().out.strip()
    call_command("token", "list", "--email", owner.email)
    listed = capsys.readouterr().out
    assert "cron" in listed
    assert text not in listed
    call_command("token", "revoke", text)
    assert find_token(text) is None
    with pytest.raises(CommandError):
        call_command("token", "revoke", text)
    with pytest.raises(CommandError):
        call_command("token", "list", "--email", "nobody@example.org")
