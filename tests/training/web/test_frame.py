"""The training centre's frame: who is led there, and its tabs."""

import pytest


def test_who_may_label_or_train_is_led_there(analyst, curator, model_owner):
    assert "/training/" not in analyst.get("/").text
    assert 'href="/training/"' in curator.get("/").text
    assert 'href="/training/"' in model_owner.get("/").text


@pytest.mark.parametrize("path", ["/training/models/", "/training/monitor/"])
def test_the_pages_are_closed_to_others(path, client, analyst, curator, db):
    assert "/login/?next=" in client.get(path)["Location"]
    assert analyst.get(path).status_code == 403
    assert curator.get(path).status_code == 200


def test_the_tab_of_the_page_is_marked(curator):
    page = curator.get("/training/monitor/").text
    assert '<a href="/training/monitor/" aria-current="page">' in page
    assert '<a href="/training/models/">' in page
