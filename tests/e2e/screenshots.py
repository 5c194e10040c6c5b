"""Pictures of every page, to look at: `tests/run tests/e2e/screenshots.py`.

They are written to the folder that VOICETELL_SCREENSHOTS names, for three widths in light and
dark. VOICETELL_SCREENSHOTS_OF keeps to pages whose name holds this text.
"""

import os
import re
from pathlib import Path

import pytest

from tests.e2e.test_pages import Window, pages

__all__ = ["pages"]  # the fixture
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WIDTHS = (390, 1024, 1600)


def test_take_pictures_of_every_page(site, pages, open_page):  # the fixture
    folder = Path(os.environ.get("VOICETELL_SCREENSHOTS", "screenshots"))
    folder.mkdir(parents=True, exist_ok=True)
    wanted = os.environ.get("VOICETELL_SCREENSHOTS_OF", "")
    windows = {}
    for page in pages:
        if wanted not in page.name:
            continue
        if id(page.visitor) not in windows:
            windows[id(page.visitor)] = Window(open_page(site), site, page.visitor)
        window = windows[id(page.visitor)]
        window.open(page)
        for width in WIDTHS:
            window.page.set_viewport_size({"width": width, "height": 900})
            for scheme in ("light", "dark"):
                window.show_in(scheme)
                name = re.sub(r"\W+", "-", page.name).strip("-")
                window.page.screenshot(path=folder / f"{name}-{width}-{scheme}.png", full_page=True)
