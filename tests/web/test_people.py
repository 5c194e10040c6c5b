"""Administrators look after people; invitations hold once, for one address, for a week."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth import authenticate
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.models import AuditEvent, Invitation, Role, Team, User
from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db

NEW = "an entirely new sentence"


@pytest.fixture
def panel(admin, client_of):
    """The administrator's browser."""
    return client_of(admin)


@pytest.fixture
def invitation_link(panel):
    """Return a function that invites somebody and gives the link's path."""

    def make(email="new@example.org", role=Role.CURATOR, team=""):
        page = panel.post("/people/invite/", {"email": email, "role": role, "team": team})
        return re.search(r"http://testserver(/invitations/[^<]+/)", page.text)[1]

    return make


def sign_up(visitor, email="new@example.org"):
    return visitor.post("/account/signup/", {"email": email, "password1": NEW, "password2": NEW})


@pytest.mark.parametrize(
    "path", ["/people/", "/people/invite/", "/people/1/", "/teams/new/", "/teams/1/"]
)
def test_only_administrators_look_after_people(path, client_of):
    owner = UserFactory(role=Role.OWNER)
    assert client_of(owner).get(path).status_code == 403
    assert Client().get(path).status_code == 302


def test_an_invited_person_signs_up_once_as_what_they_were_invited_for(invitation_link, panel):
    team = Team.objects.create(name="Desk")
    link = invitation_link(team=team.pk)
    visitor = Client()

    assert visitor.get(link, follow=True).status_code == 200
    assert sign_up(visitor).status_code == 302

    person = User.objects.get(email="new@example.org")
    assert (person.role, person.team) == (Role.CURATOR, team)
    assert authenticate(email="new@example.org", password=NEW) == person
    assert AuditEvent.objects.filter(action="user.created", target=person.email).exists()
    assert Client().get(link).status_code == 410, "used"


def test_an_invitation_is_for_its_own_address(invitation_link):
    visitor = Client()
    visitor.get(invitation_link())

    assert "new@example.org" in sign_up(visitor, "other@example.org").text
    assert not User.objects.filter(email="other@example.org").exists()


def test_without_an_invitation_nobody_signs_up(db):
    assert "Only by invitation" in sign_up(Client()).text
    assert not User.objects.exists()


def test_an_invitation_ends_after_a_week_and_when_it_is_withdrawn(invitation_link, panel):
    old, withdrawn = invitation_link("old@example.org"), invitation_link("gone@example.org")
    Invitation.objects.filter(email="old@example.org").update(
        expires_at=timezone.now() - timedelta(seconds=1)
    )
    row = Invitation.objects.get(email="gone@example.org")
    panel.post(f"/people/invitations/{row.pk}/withdraw/")

    assert Client().get(old).status_code == 410
    assert Client().get(withdrawn).status_code == 410


def test_a_closed_site_takes_no_invitation(invitation_link, settings):
    link = invitation_link()
    settings.SIGNUP = "closed"

    assert Client().get(link).status_code == 410


def test_where_the_server_sends_mail_the_link_is_sent(invitation_link, settings):
    settings.SENDS_MAIL = True
    link = invitation_link()

    assert mail.outbox[0].to == ["new@example.org"]
    assert link in mail.outbox[0].body


def test_a_changed_role_holds_at_once_and_is_on_record(panel, client_of, admin):
    person = UserFactory(role=Role.ADMINISTRATOR)
    page = client_of(person)
    assert page.get("/people/").status_code == 200

    panel.post(f"/people/{person.pk}/", {"role": Role.ANALYST, "is_active": "on"})

    assert page.get("/people/").status_code == 403
    event = AuditEvent.objects.get(action="user.changed")
    assert (event.actor, event.details["before"]["role"]) == (admin, Role.ADMINISTRATOR)


def test_who_is_locked_out_is_out_at_once(panel, client_of):
    person = UserFactory()
    page = client_of(person)

    panel.post(f"/people/{person.pk}/", {"role": Role.ANALYST})

    assert page.get("/").status_code == 302


def test_the_last_administrator_stays_one(panel, admin):
    answer = panel.post(f"/people/{admin.pk}/", {"role": Role.ANALYST, "is_active": "on"})

    assert "Nobody would be left" in answer.text
    admin.refresh_from_db()
    assert admin.may("admin")


def test_a_lost_password_is_replaced_by_one_for_one_use(panel, client_of):
    person = UserFactory()
    elsewhere = client_of(person)

    page = panel.post(f"/people/{person.pk}/password/")

    password = re.search(r'data-testid="one-time-password">([^<]+)<', page.text)[1]
    assert elsewhere.get("/").status_code == 302, "the session has ended"
    visitor = Client()
    visitor.post("/account/login/", {"login": person.email, "password": password})
    assert visitor.get("/")["Location"] == "/account/password/change/"
    assert authenticate(email=person.email, password=PASSWORD) is None


def test_people_are_listed_with_few_queries(panel, django_assert_max_num_queries):
    UserFactory.create_batch(30, team=Team.objects.create(name="Desk"))
    with django_assert_max_num_queries(11):
        assert panel.get("/people/").text.count("Desk") > 30


def test_a_profile_keeps_name_and_notices(owner, client_of):
    page = client_of(owner)
    page.post("/account/profile/", {"name": "Ada", "notices": ["batch.done"]})

    owner.refresh_from_db()
    assert (owner.name, owner.notices) == ("Ada", ["batch.done"])
    assert page.post("/account/profile/", {"notices": ["nonsense"]}).status_code == 200


def test_a_server_without_mail_promises_none(db):
    assert "sends no e-mail" in Client().get("/account/password/reset/").text
