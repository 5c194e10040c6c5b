"""The API's own docs in a browser: they show the API, and nothing of them is refused or missing."""

import pytest
from playwright.sync_api import expect

from tests.e2e.browser import PATIENCE_MS

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize(
    ("address", "shown", "last"),
    [
        ("/api/docs/", "#operations-predict-predict", "#operations-webhooks-resend_webhook"),
        # The mark of its makers, which it would load from their host, comes last.
        ("/api/redoc/", "h1:has-text('Voicetell')", "img[alt='redocly logo']"),
    ],
)
def test_the_docs_are_shown_without_an_error(site, open_page, address, shown, last):
    page = open_page(site)
    wrong = []
    page.on("console", lambda message: message.type == "error" and wrong.append(message.text))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("requestfailed", lambda request: wrong.append(f"{request.url} {request.failure}"))

    page.goto(address)

    # Both read the whole description and lay out all of it, which keeps a slow machine busy.
    expect(page.locator(shown)).to_be_visible(timeout=2 * PATIENCE_MS)
    expect(page.locator(last)).to_be_attached()
    page.wait_for_load_state("networkidle")
    assert not wrong
