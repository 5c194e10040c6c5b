"""What every page has: error pages that help, and colours that stay chosen."""

import re

import pytest
from django.test import Client, RequestFactory
from django.views import defaults


def test_nothing_is_here(browser: Client) -> None:
    answer = browser.get("/nowhere/")

    assert answer.status_code == 404
    assert "Nothing is here" in answer.text
    assert 'href="/"' in answer.text


def test_the_page_of_our_own_faults_needs_nothing(rf: RequestFactory) -> None:
    assert "The fault is ours" in defaults.server_error(rf.get("/")).text


def test_the_choice_of_colours_is_kept_without_scripts(client: Client, db: None) -> None:
    answer = client.post(
        "/theme/", {"theme": "dark"}, headers={"Referer": "http://testserver/account/login/"}
    )

    assert answer["Location"] == "http://testserver/account/login/"
    assert 'data-theme="dark"' in client.get("/account/login/").text


@pytest.mark.parametrize("value", ["purple", '"><script>'])
def test_no_other_colours_can_be_chosen(value: str, client: Client, db: None) -> None:
    client.post("/theme/", {"theme": value})
    assert "theme" not in client.cookies
    client.cookies["theme"] = value
    assert "data-theme=" not in client.get("/account/login/").text


def test_the_theme_form_leads_to_no_other_site(client: Client, db: None) -> None:
    answer = client.post("/theme/", {"theme": "dark"}, headers={"Referer": "https://evil.example/"})

    assert answer["Location"] == "/"


def test_every_page_has_a_title_a_language_and_a_way_past_the_menu(browser: Client) -> None:
    for path in ("/", "/history/", "/account/password/", "/nowhere/"):
        page = browser.get(path).text
        title = re.search(r"<title>(.*?)</title>", page, re.DOTALL)
        assert title is not None
        assert title[1].strip().endswith("· Voicetell")
        assert '<html lang="en"' in page
        assert 'href="#main"' in page


def test_a_page_may_use_the_microphone_and_nothing_embedded_may_use_anything(
    browser: Client,
) -> None:
    assert browser.get("/")["Permissions-Policy"].startswith("microphone=(self), camera=()")
