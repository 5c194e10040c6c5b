"""The dashboard and the admin panel, as a person uses them in a browser."""

import pytest
from playwright.sync_api import expect

from tests.factories import PredictionFactory
from tests.training.material import add_samples, engine, real
from training.models import RunState, TrainingRun

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("scripts", [True, False])
def test_the_dashboard_shows_what_was_judged_and_the_champions_figures(
    owner, champion, window, scripts
):
    PredictionFactory.create_batch(3, clip__owner=owner, done=True)
    page = window(owner, scripts=scripts)
    page.get_by_role("link", name="Dashboard").first.click()

    expect(page.get_by_test_id("figures")).to_contain_text("Judged 3")
    expect(page.get_by_text(champion.name).first).to_be_visible()
    expect(page.locator("main svg").first).to_be_visible()


def test_the_panel_takes_clicks_and_keys_under_a_policy_that_evaluates_nothing(admin, window):
    page = window(admin)
    problems = []
    page.on("console", lambda message: problems.append(message.text))
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto("/admin/")
    html, navigation = page.locator("html"), page.locator("#nav-sidebar-apps")

    page.get_by_text("dock_to_right").first.click()
    expect(navigation).to_be_hidden()
    page.reload()
    expect(navigation).to_be_hidden()  # as it was left
    page.get_by_text("dock_to_right").first.click()
    expect(navigation).to_be_visible()

    page.keyboard.press("t")
    search = page.locator("#nav-filter")
    expect(search).to_be_focused()
    search.press_sequentially("clip")
    expect(page.locator("#search-results")).to_contain_text("Clips")
    search.press("Escape")
    expect(search).to_have_value("")
    search.press("Escape")
    expect(search).not_to_be_focused()

    for colours in ("light", "dark", "light"):
        page.keyboard.press("Control+e")
        expect(html).to_have_class(colours)
    assert problems == []


@pytest.mark.parametrize("scripts", [True, False])
def test_training_starts_from_the_panel(admin, champion, window, scripts):
    add_samples(engine(), admin, count=5)
    add_samples(real(), admin, count=5)
    page = window(admin, scripts=scripts)
    page.goto("/admin/")
    page.get_by_role("link", name="Retrain").last.click()
    page.get_by_test_id("retrain").get_by_role("button", name="Start").click()

    expect(page.get_by_test_id("runs").locator("tbody tr")).to_have_count(1)
    run = TrainingRun.objects.get()
    assert run.state == RunState.QUEUED
    expect(page.get_by_test_id("runs")).to_contain_text(run.name)
