"""Logging in, not too often, and the one-time password."""

import pytest
from django.test import Client

from accounts.models import AuditEvent, User
from tests.factories import PASSWORD, UserFactory

NEW = "an entirely new sentence"


TRIES = 10


def log_in(
    client: Client,
    password: str = PASSWORD,
    sender: str = "10.0.0.1",
    who: str = "Owner@Example.org ",
) -> int:
    return client.post(
        "/account/login/", {"login": who, "password": password}, REMOTE_ADDR=sender
    ).status_code


def test_the_address_may_be_written_in_any_case(owner: User, client: Client) -> None:
    assert log_in(client) == 302
    assert client.get("/").status_code == 200


def test_a_wrong_password_says_so(owner: User, client: Client) -> None:
    answer = client.post("/account/login/", {"login": owner.email, "password": "wrong"})

    assert "do not fit together" in answer.text


def test_nobody_is_led_to_another_site(owner: User, client: Client) -> None:
    answer = client.post(
        "/account/login/?next=https://evil.example/",
        {"login": owner.email, "password": PASSWORD, "next": "https://evil.example/"},
    )

    assert answer["Location"] == "/"


def test_after_ten_wrong_passwords_not_even_the_right_one_is_checked(
    owner: User, client: Client
) -> None:
    for _ in range(TRIES):
        assert log_in(client, "wrong") == 200

    assert log_in(client) == 200, "the form again"
    assert client.get("/").status_code == 302

    stranger = UserFactory()
    assert log_in(client, who=stranger.email) == 302, "somebody else, from the same place"


def test_nobody_guesses_at_many_people_from_one_place(db: None, client: Client) -> None:
    people = UserFactory.create_batch(5)
    for person in people[1:]:
        for _ in range(TRIES // 2):
            log_in(client, "wrong", who=person.email)

    assert log_in(client, who=people[0].email) == 200
    assert log_in(client, who=people[0].email, sender="10.0.0.2") == 302


def test_a_log_in_that_worked_takes_its_own_tries_back(owner: User, client: Client) -> None:
    for _ in range(TRIES - 1):
        log_in(client, "wrong")
    assert log_in(client) == 302


def test_the_admin_panel_has_no_door_of_its_own(admin: User, client: Client) -> None:
    answer = client.post("/admin/login/", {"username": admin.email, "password": PASSWORD})

    assert answer["Location"].startswith("/account/login/")


@pytest.mark.parametrize("path", ["/", "/history/", "/admin/"])
def test_a_one_time_password_opens_nothing_but_its_own_replacement(
    path: str, db: None, client: Client
) -> None:
    client.force_login(UserFactory(must_change_password=True, is_staff=True, is_superuser=True))

    assert client.get(path)["Location"] == "/account/password/change/"
    assert client.get("/account/password/change/").status_code == 200


def test_the_new_password_opens_everything(db: None, client: Client) -> None:
    user = UserFactory(must_change_password=True)
    client.force_login(user)

    answer = client.post(
        "/account/password/change/",
        {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW},
    )

    assert answer["Location"] == "/"
    assert client.get("/").status_code == 200
    user.refresh_from_db()
    assert user.check_password(NEW)
    assert AuditEvent.objects.filter(action="password.changed").count() == 1


def test_the_one_time_password_cannot_be_kept(db: None, client: Client) -> None:
    user = UserFactory(must_change_password=True)
    client.force_login(user)

    answer = client.post(
        "/account/password/change/",
        {"oldpassword": PASSWORD, "password1": PASSWORD, "password2": PASSWORD},
    )

    assert "Choose another one" in answer.text
    user.refresh_from_db()
    assert user.must_change_password


def test_a_changed_password_ends_other_sessions(owner: User, client: Client) -> None:
    elsewhere = Client()
    elsewhere.force_login(owner)
    client.force_login(owner)

    client.post(
        "/account/password/change/",
        {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW},
    )

    assert client.get("/").status_code == 200
    assert elsewhere.get("/").status_code == 302


def test_the_account_pages_speak_as_all_others_do(client: Client, db: None) -> None:
    page = client.get("/account/login/").text
    assert "E-mail address" in page
    assert "Sign" not in page
