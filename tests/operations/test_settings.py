"""Settings: each in the table, and a wrong value stops the start with its name."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from operations.settings_table import settings_table

ROOT = Path(settings.BASE_DIR)
READ = ("config/settings", "config/stack")


def test_the_table_in_the_docs_is_the_one_that_the_settings_make() -> None:
    assert settings_table() in (ROOT / "docs" / "settings.md").read_text(), (
        "./voicetell settings_table prints the table as it is now"
    )


def test_the_table_has_every_variable_that_is_read() -> None:
    named: set[str] = set()
    for folder in READ:
        for path in (ROOT / folder).glob("*.py"):
            named |= set(re.findall(r'"(VOICETELL_\w+)"', path.read_text()))
    rows = set(re.findall(r"^\| `(\w+)` ", settings_table(), re.MULTILINE))
    assert named - rows == set()
    assert {"DATABASE_URL", "REDIS_URL", "STORAGE_URL", "EMAIL_URL"} < rows


@pytest.mark.parametrize(
    ("name", "value"),
    [("VOICETELL_MAX_UPLOAD_MB", "plenty"), ("VOICETELL_LOG_FORMAT", "xml")],
)
def test_a_wrong_value_stops_the_start(name: str, value: str) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env=os.environ | {name: value},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert name in done.stderr.splitlines()[-1]
