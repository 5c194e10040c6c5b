"""Behind HTTPS the site leaves nothing open that Django knows how to close."""

import os
import subprocess
import sys

from django.conf import settings


def manage(*words, **env):
    return subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=settings.BASE_DIR,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        check=False,
    )


def test_djangos_own_check_finds_nothing():
    key = "0123456789" * 5 + "abcdefghijkl"
    found = manage(
        *("check", "--deploy", "--fail-level", "WARNING"),
        VOICETELL_HTTPS="1",
        VOICETELL_SECRET_KEY=key,
        VOICETELL_ALLOWED_HOSTS="voice.example.org",
    )
    assert found.returncode == 0, found.stdout + found.stderr
    assert key not in found.stdout + found.stderr
