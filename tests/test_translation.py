"""The site is in English; another language needs no change of code."""

import shutil

import pytest
from django.core.management import call_command

from detector.messages import PROBLEMS

needs_gettext = pytest.mark.skipif(not shutil.which("xgettext"), reason="apt-get install gettext")


@needs_gettext
def test_what_is_to_be_translated_is_collected_with_the_words_of_every_problem(
    tmp_path, monkeypatch, settings
):
    for name in ("templates", "detector"):
        shutil.copytree(settings.BASE_DIR / name, tmp_path / name)
    (tmp_path / "locale").mkdir()
    settings.LOCALE_PATHS = [tmp_path / "locale"]
    monkeypatch.chdir(tmp_path)

    call_command("makemessages", locale=["de"], verbosity=0)

    lines = (tmp_path / "locale/de/LC_MESSAGES/django.po").read_text().splitlines()
    collected = "".join(line.strip('"') for line in lines if line.startswith(('"', "msgid")))
    assert "Drop recordings anywhere on this page" in collected
    assert "Record with the microphone" in collected
    missing = [code for code, problem in PROBLEMS.items() if problem.title not in collected]
    assert missing == []
