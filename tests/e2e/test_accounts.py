"""Accounts as people go about them: getting one, getting in, a second factor, one's settings."""

import re
import shutil
import urllib.error
import urllib.request

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import (
    TOTP,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from constance import config
from playwright.sync_api import expect

from accounts.models import Role, User
from tests.e2e.browser import away, log_in
from tests.e2e.conftest import gunicorn
from tests.factories import PASSWORD, PredictionFactory, UserFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NEW = "an entirely new sentence"


@pytest.fixture(scope="module")
def _mail_site(_static, tmp_path_factory):
    folder = tmp_path_factory.mktemp("mail-site")
    outbox = folder / "mail"
    env = {"EMAIL_URL": f"filemail:///{outbox}", "VOICETELL_SIGNUP": "open"}
    program, url = gunicorn(folder, **env)
    yield url, outbox
    program.stop()


@pytest.fixture
def mail_site(_mail_site, transactional_db):
    """A site that sends e-mail and where anybody may sign up, and the folder of its e-mails."""
    url, outbox = _mail_site
    yield url, outbox
    shutil.rmtree(outbox, ignore_errors=True)


def link_in(outbox):
    """The link in the one e-mail that was sent."""
    (message,) = outbox.iterdir()
    return re.search(r"http://\S+", message.read_text())[0]


def sign_up(page, email):
    page.locator("[name=email]").fill(email)
    page.locator("[name=password1]").fill(NEW)
    page.locator("[name=password2]").fill(NEW)
    page.get_by_test_id("signup").locator("button").click()


def enter_code(page, secret):
    """Enter the code of an authenticator; again, as one does, if its half minute just ended."""
    for _ in range(3):
        counter = next(iter(yield_hotp_counters_from_time()))
        page.locator("[name=code]").fill(f"{hotp_value(secret, counter):06d}")
        page.locator("form:has([name=code]) [type=submit]").first.click()
        page.wait_for_load_state("load")
        if not page.locator("[name=code]").count():
            return


def test_who_signs_up_confirms_the_address_by_a_link(mail_site, open_page):
    url, outbox = mail_site
    page = open_page(url, java_script_enabled=False)
    page.goto("/")
    page.get_by_role("link", name="Make an account").click()
    sign_up(page, "new@example.org")
    page.wait_for_url("**/confirm-email/")
    assert not EmailAddress.objects.get(email="new@example.org").verified

    page.goto(link_in(outbox))
    page.get_by_role("button", name="Confirm").click()
    log_in(page, "new@example.org", NEW)

    expect(page.get_by_test_id("drop-zone")).to_be_visible()
    assert User.objects.get(email="new@example.org").role == Role.ANALYST


def test_a_forgotten_password_is_replaced_by_a_link(mail_site, owner, open_page):
    EmailAddress.objects.create(user=owner, email=owner.email, verified=True, primary=True)
    url, outbox = mail_site
    page = open_page(url, java_script_enabled=False)
    page.goto("/")
    page.get_by_role("link", name="Forgot").click()
    page.locator("[name=email]").fill(owner.email)
    page.locator("main form [type=submit]").first.click()
    page.wait_for_url("**/reset/done/")

    page.goto(link_in(outbox))
    page.locator("[name=password1]").fill(NEW)
    page.locator("[name=password2]").fill(NEW)
    page.locator("main form [type=submit]").first.click()
    page.wait_for_url("**/key/done/")
    log_in(page, owner.email, NEW)

    expect(page.get_by_test_id("drop-zone")).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False])
def test_an_invited_person_comes_in_as_what_they_were_invited_for(
    site, admin, window, open_page, scripts
):
    page = window(admin, scripts=scripts)
    page.goto("/people/")
    page.get_by_role("link", name="New team").click()
    page.locator("[name=name]").fill("Desk two")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Invite somebody").click()
    page.locator("[name=email]").fill("new@example.org")
    page.locator("[name=role]").select_option(Role.CURATOR)
    page.locator("[name=team]").select_option(label="Desk two")
    page.get_by_test_id("invite").get_by_role("button").click()
    link = page.get_by_test_id("invitation-link").inner_text()

    guest = open_page(site, java_script_enabled=scripts)
    guest.goto(link)
    sign_up(guest, "new@example.org")

    expect(guest.get_by_role("link", name="Training")).to_be_visible()
    person = User.objects.get(email="new@example.org")
    assert (person.role, person.team.name) == (Role.CURATOR, "Desk two")
    guest.goto(link)
    expect(guest.get_by_role("heading", level=1)).to_contain_text("does not hold any more")


def test_a_closed_site_says_so(site, db, open_page):
    away(lambda: setattr(config, "SIGNUP", "closed"))
    page = open_page(site)
    page.goto("/account/signup/")

    expect(page.get_by_role("heading", level=1)).to_have_text("Only by invitation")
    expect(page.get_by_test_id("signup")).to_have_count(0)


def test_after_ten_wrong_passwords_not_even_the_right_one_is_tried(site, owner, open_page):
    page = open_page(site, java_script_enabled=False)
    for _ in range(10):
        log_in(page, owner.email, "wrong")
        expect(page.get_by_role("alert")).to_contain_text("do not fit together")

    log_in(page, owner.email, PASSWORD)

    expect(page.get_by_role("alert")).to_contain_text("Too many tries")


def test_a_second_factor_is_switched_on_and_a_recovery_code_gets_in(owner, window):
    page = window(owner, scripts=False)
    page.goto("/account/profile/")
    page.get_by_role("link", name="Second factor").click()
    page.get_by_role("link", name="Switch on").click()
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("form:has([name=password]) [type=submit]").first.click()
    expect(page.locator("img.qr")).to_be_visible()
    enter_code(page, page.locator("#authenticator_secret").input_value())
    code = page.locator("#recovery_codes").input_value().split()[0]
    page.context.clear_cookies()

    log_in(page, owner.email, PASSWORD)
    expect(page.locator("[name=code]")).to_be_visible()
    page.goto("/history/")
    expect(page.get_by_role("heading", name="History")).to_have_count(0)
    page.locator("[name=code]").fill(code)
    page.locator("form:has([name=code]) [type=submit]").first.click()

    expect(page.get_by_test_id("drop-zone")).to_be_visible()


def test_with_a_second_factor_the_code_of_the_app_gets_in(site, owner, open_page):
    secret = generate_totp_secret()
    TOTP.activate(owner, secret)
    page = open_page(site)

    log_in(page, owner.email, PASSWORD)
    enter_code(page, secret)

    expect(page.get_by_test_id("drop-zone")).to_be_visible()


def test_a_profile_keeps_its_name_and_what_one_wants_to_hear(owner, window):
    page = window(owner)
    page.get_by_test_id("menu").click()
    page.get_by_role("link", name="Settings").click()
    page.get_by_label("Name").fill("Ada")
    page.get_by_label("All clips of a batch").check()
    page.get_by_role("button", name="Save").click()

    expect(page.get_by_test_id("message")).to_contain_text("saved")
    page.reload()
    expect(page.get_by_label("Name")).to_have_value("Ada")
    expect(page.get_by_label("All clips of a batch")).to_be_checked()


@pytest.mark.parametrize("scripts", [True, False])
def test_a_token_works_from_when_it_is_shown_until_it_is_revoked(site, owner, window, scripts):
    page = window(owner, scripts=scripts)
    page.goto("/account/tokens/")
    form = page.get_by_test_id("new-token")
    form.get_by_label("Name").fill("call platform")
    form.get_by_label("read the history").check()
    form.get_by_role("button").click()
    token = page.get_by_text(re.compile(r"^\s*vt_\w{12}_[\w-]{20,}\s*$")).inner_text().strip()
    assert status_with(site, token) == 200

    page.get_by_test_id("revoke").click()
    page.get_by_test_id("revoke-form").get_by_role("button").click()

    expect(page.get_by_test_id("message")).to_contain_text("revoked")
    assert status_with(site, token) == 401


def status_with(site, token):
    asked = urllib.request.Request(
        f"{site}/api/v1/predictions", headers={"Authorization": f"Bearer {token}"}
    )
    try:
        return urllib.request.urlopen(asked, timeout=30).status
    except urllib.error.HTTPError as error:
        return error.code


def test_other_sessions_are_ended_from_where_one_is(owner, window):
    here, elsewhere = window(owner), window(owner)
    here.goto("/account/sessions/")
    expect(here.locator("table tbody tr")).to_have_count(2)

    here.locator("main form [type=submit]").first.click()

    expect(here.locator("table tbody tr")).to_have_count(1)
    elsewhere.goto("/history/")
    expect(elsewhere.get_by_test_id("login")).to_be_visible()


def test_a_role_opens_what_it_may_and_who_is_locked_out_is_out_at_once(admin, owner, window):
    page, theirs = window(admin), window(owner)
    expect(theirs.get_by_role("link", name="Training")).to_have_count(0)

    page.goto(f"/people/{owner.pk}/")
    page.locator("[name=role]").select_option(Role.CURATOR)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_test_id("message")).to_contain_text("Saved")
    theirs.reload()
    expect(theirs.get_by_role("link", name="Training")).to_be_visible()

    page.goto(f"/people/{owner.pk}/")
    page.get_by_label("May log in").uncheck()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_test_id("message")).to_contain_text("Saved")
    theirs.reload()
    expect(theirs.get_by_test_id("login")).to_be_visible()


def test_teammates_see_each_others_clips_once_the_team_shares_them(admin, owner, window):
    other = UserFactory()
    PredictionFactory(clip__owner=other, clip__name="theirs.wav", done=True)
    page = window(admin)
    page.goto("/teams/new/")
    page.locator("[name=name]").fill("Desk two")
    page.get_by_label("Members see each other").check()
    page.get_by_role("button", name="Save").click()
    for person in (owner, other):
        page.goto(f"/people/{person.pk}/")
        page.locator("[name=team]").select_option(label="Desk two")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_test_id("message")).to_contain_text("Saved")

    theirs = window(owner)
    theirs.goto("/history/")
    expect(theirs.get_by_test_id("row")).to_contain_text("theirs.wav")
