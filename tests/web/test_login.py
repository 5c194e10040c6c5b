"""Logging in, not too often, and the one-time password."""

import pytest
from django.test import Client

from accounts.models import AuditEvent, User
from accounts.throttle import ATTEMPTS
from tests.factories import PASSWORD, UserFactory

NEW = "an entirely new sentence"


def log_in(
    client: Client, password: str = PASSWORD, sender: str = "10.0.0.1", next: str = ""
) -> int:
    return client.post(
        "/login/",
        {"username": "Owner@Example.org ", "password": password, "next": next},
        REMOTE_ADDR=sender,
    ).status_code


def test_the_address_may_be_written_in_any_case(owner: User, client: Client) -> None:
    assert log_in(client) == 302
    assert client.get("/").status_code == 200


def test_a_wrong_password_says_so(owner: User, client: Client) -> None:
    answer = client.post("/login/", {"username": owner.email, "password": "wrong"})

    assert "do not fit together" in answer.text


def test_nobody_is_led_to_another_site(owner: User, client: Client) -> None:
    answer = client.post(
        "/login/?next=https://evil.example/",
        {"username": owner.email, "password": PASSWORD, "next": "https://evil.example/"},
    )

    assert answer["Location"] == "/"


def test_after_ten_wrong_passwords_not_even_the_right_one_is_checked(
    owner: User, client: Client
) -> None:
    for _ in range(ATTEMPTS):
        assert log_in(client, "wrong") == 200

    answer = client.post(
        "/login/", {"username": owner.email, "password": PASSWORD}, REMOTE_ADDR="10.0.0.1"
    )

    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0
    assert log_in(client, sender="10.0.0.2") == 302, "the owner, from elsewhere"


def test_a_log_in_that_worked_starts_the_count_anew(owner: User, client: Client) -> None:
    for _ in range(ATTEMPTS - 1):
        log_in(client, "wrong")
    assert log_in(client) == 302
    assert log_in(Client(), "wrong") == 200


@pytest.mark.parametrize("path", ["/", "/history/", "/admin/"])
def test_a_one_time_password_opens_nothing_but_its_own_replacement(
    path: str, db: None, client: Client
) -> None:
    client.force_login(UserFactory(must_change_password=True, is_staff=True, is_superuser=True))

    assert client.get(path)["Location"] == "/account/password/"
    assert client.get("/account/password/").status_code == 200


def test_the_new_password_opens_everything(db: None, client: Client) -> None:
    user = UserFactory(must_change_password=True)
    client.force_login(user)

    client.post(
        "/account/password/",
        {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW},
    )

    assert client.get("/").status_code == 200
    user.refresh_from_db()
    assert user.check_password(NEW)
    assert AuditEvent.objects.get().action == "password.changed"


def test_the_one_time_password_cannot_be_kept(db: None, client: Client) -> None:
    user = UserFactory(must_change_password=True)
    client.force_login(user)

    answer = client.post(
        "/account/password/",
        {"old_password": PASSWORD, "new_password1": PASSWORD, "new_password2": PASSWORD},
    )

    assert "Choose another one" in answer.text
    user.refresh_from_db()
    assert user.must_change_password


def test_a_changed_password_ends_other_sessions(owner: User, client: Client) -> None:
    elsewhere = Client()
    elsewhere.force_login(owner)
    client.force_login(owner)

    client.post(
        "/account/password/",
        {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW},
    )

    assert client.get("/").status_code == 200
    assert elsewhere.get("/").status_code == 302
