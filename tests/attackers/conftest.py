"""What the tests of attacks share."""

from typing import Any

import pytest


@pytest.fixture(autouse=True)
def _static_files_by_their_own_names(settings: Any) -> None:
    """Pages are made without `collectstatic`, which the tests of the whole stack run."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}
