"""The first administrator, and addresses that are the same in any case."""

import json
from io import StringIO

import pytest
from django.contrib.auth import authenticate
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.core.management.base import CommandError

from accounts.models import AuditEvent, User
from accounts.selectors import find_token
from accounts.services import ensure_admin
from tests.factories import PASSWORD


def test_the_first_start_makes_an_administrator_with_a_password_for_one_use(db):
    user, password = ensure_admin(email="boss@example.org", password="")

    assert user.is_superuser
    assert user.is_staff
    assert user.must_change_password
    assert authenticate(username="boss@example.org", password=password) == user


def test_later_starts_change_nothing(db):
    first, password = ensure_admin(email="boss@example.org", password="")

    again, nothing = ensure_admin(email="other@example.org", password="another")

    assert again == first
    assert nothing is None
    assert User.objects.count() == 1
    assert AuditEvent.objects.filter(action="user.created").count() == 1
    assert authenticate(username="boss@example.org", password=password) == first


def test_a_given_password_is_kept(db):
    user, password = ensure_admin(email="boss@example.org", password=PASSWORD)

    assert password is None
    assert not user.must_change_password
    assert authenticate(username="boss@example.org", password=PASSWORD) == user


def test_an_older_hash_lets_in_and_is_replaced(db, owner):
    """PBKDF2 was used before; who logs in once has the cheaper and harder one from then on."""
    assert owner.password.startswith("pbkdf2_sha256$")
    assert authenticate(username=owner.email, password="guess") is None
    assert authenticate(username=owner.email, password=PASSWORD) == owner
    owner.refresh_from_db()
    assert owner.password.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert authenticate(username=owner.email, password="guess") is None
    assert authenticate(username=owner.email, password=PASSWORD) == owner


def test_a_locked_administrator_is_replaced_and_not_reopened(db, admin):
    admin.is_active = False
    admin.save()

    user, password = ensure_admin(email="boss@example.org", password="")

    assert user != admin
    assert password


def test_the_command_prints_the_password_once(db, settings):
    settings.ADMIN_EMAIL, settings.ADMIN_PASSWORD = "boss@example.org", ""
    said = []
    for _ in range(2):
        out = StringIO()
        call_command("ensure_admin", stdout=out)
        said.append(json.loads(out.getvalue()))

    assert said[0]["email"] == said[1]["email"] == "boss@example.org"
    assert authenticate(username="boss@example.org", password=said[0]["password"])
    assert said[1]["password"] is None


def test_an_address_is_one_person_in_any_case(db, owner):
    assert authenticate(username="OWNER@Example.org", password=PASSWORD) == owner
    with pytest.raises(ValidationError):
        User.objects.create_user("Owner@Example.ORG", PASSWORD)


def test_the_command_makes_a_token_that_works(owner):
    out = StringIO()
    call_command("token", "create", "--email", "Owner@example.org", "--name", "calls", stdout=out)

    token = find_token(out.getvalue().strip())
    assert token.owner == owner
    assert token.scopes == ["predict", "read"]
    assert token.expires_at is None


def test_the_command_names_an_unknown_person(db):
    with pytest.raises(CommandError, match=r"nobody@example\.org"):
        call_command("token", "create", "--email", "nobody@example.org", "--name", "calls")
