"""Tokens are shown once, kept as a hash, and end when they should."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import ApiToken, AuditEvent, Scope
from accounts.selectors import find_token
from accounts.services import create_token


@pytest.fixture
def token(owner):
    """A fresh token and its text."""
    return create_token(owner=owner, name="call platform")


def test_the_text_finds_the_token_and_its_owner(token, owner):
    row, text = token

    assert find_token(text) == row
    assert find_token(text).owner == owner


def test_no_column_holds_the_secret(token):
    row, text = token
    secret = text.split("_", 2)[2]

    stored = ApiToken.objects.values_list().get(pk=row.pk)
    assert not any(secret in str(value) for value in stored)
    assert not any(secret in str(value) for value in AuditEvent.objects.values_list())


def test_tokens_differ_and_the_prefix_may_be_shown(owner):
    first, first_text = create_token(owner=owner, name="a")
    second, second_text = create_token(owner=owner, name="a")

    assert first.prefix != second.prefix
    assert first_text.startswith(f"vt_{first.prefix}_")
    assert find_token(second_text) == second


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text[:-1],
        lambda text: text + "x",
        lambda text: text.upper(),
        lambda text: text.rsplit("_", 1)[0] + "_",
        lambda text: text.removeprefix("vt_"),
        lambda text: "",
        lambda text: "vt__",
        lambda text: "vt_\x00_\x00",
    ],
)
def test_anything_else_finds_nothing(token, spoil):
    assert find_token(spoil(token[1])) is None


def test_the_secret_of_another_token_does_not_fit(owner):
    first, _ = create_token(owner=owner, name="a")
    _, second_text = create_token(owner=owner, name="b")

    assert find_token(f"vt_{first.prefix}_{second_text.split('_', 2)[2]}") is None


def test_an_expired_token_is_refused(owner):
    now = timezone.now()
    row, ended = create_token(owner=owner, name="a")
    ApiToken.objects.filter(pk=row.pk).update(expires_at=now - timedelta(seconds=1))
    _, lasting = create_token(owner=owner, name="b", expires_at=now + timedelta(hours=1))

    assert find_token(ended) is None
    assert find_token(lasting) is not None


def test_a_revoked_token_is_refused(token):
    row, text = token
    ApiToken.objects.filter(pk=row.pk).update(revoked_at=timezone.now())

    assert find_token(text) is None


def test_the_tokens_of_a_locked_account_are_refused(token, owner):
    owner.is_active = False
    owner.save()

    assert find_token(token[1]) is None


def test_scopes_bound_what_a_token_may_do(owner):
    reader, _ = create_token(owner=owner, name="a", scopes=[Scope.READ])
    everything, _ = create_token(owner=owner, name="b", scopes=[Scope.ADMIN])

    assert reader.allows(Scope.READ)
    assert not reader.allows(Scope.PREDICT)
    assert everything.allows(Scope.PREDICT)


def test_making_a_token_is_on_record(token, owner):
    event = AuditEvent.objects.get(action="token.created")

    assert event.actor == owner
    assert token[0].prefix in event.target
