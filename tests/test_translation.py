"""The site is in English; another language needs no change of code."""

import json
import re
import shutil
import subprocess
from gettext import GNUTranslations
from html.parser import HTMLParser
from pathlib import Path

import allauth
import pytest
from django.apps import apps
from django.contrib import admin
from django.core.management import call_command
from django.utils import translation
from django.utils.text import capfirst

from detector.messages import PROBLEMS, REASONS
from tests.e2e.pages import every_page
from tests.e2e.scene import furnish

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
    missing += [code for code, text in REASONS.items() if text not in collected]
    assert missing == []


@needs_gettext
def test_our_words_for_the_account_pages_are_compiled_and_replace_words_that_are_there(
    tmp_path, settings
):
    folder = settings.BASE_DIR / "locale/en/LC_MESSAGES"
    compiled = tmp_path / "django.mo"
    subprocess.run(["msgfmt", "-o", compiled, folder / "django.po"], check=True)
    assert compiled.read_bytes() == (folder / "django.mo").read_bytes()

    with (Path(allauth.__file__).parent / "locale/de/LC_MESSAGES/django.mo").open("rb") as file:
        known = GNUTranslations(file)
    replaced = re.findall(r'^msgid "(.+)"$', (folder / "django.po").read_text(), re.MULTILINE)
    replaced = [text.replace('\\"', '"') for text in replaced]
    assert len(replaced) > 50
    assert [text for text in replaced if known.gettext(text) == text] == []


BEGIN, END = "⟦", "⟧"
ROWS_OF_THE_PANEL = {*admin.site._registry} & {*apps.get_models()}
"""What the panel has lists of; the settings are no rows of their own."""
UNSPOKEN = {"script", "style", "code", "pre", "kbd", "template"}
"""Elements whose content is the same in every language."""
NAMING = {"thead", "label"}
"""Elements by which the panel names what it shows: nothing in them comes out of a row."""
SPOKEN_ATTRIBUTES = ("title", "alt", "placeholder", "aria-label", "aria-description")
NOT_WORDS = {
    *("Voicetell", "REAL", "FAKE", "INCONCLUSIVE", "JSON", "PDF", "CSV", "SHA", "Markdown", "UTC"),
    *("EER", "AUC", "minDCF", "actDCF", "Cllr", "ROC", "DET", "PSI", "dBFS", "kHz"),
}
"""Names, units, and what the API says in every language."""
SAME_EVERYWHERE = re.compile(r"https?://\S+|\(\w+\.\w+\)|\b[A-Z2-7]{20,}\b|\w+…|\b[A-Z]+_[A-Z]+\b")
"""Addresses, names of events, the secret of a second factor, names that were cut short, names of
settings."""
UNTRANSLATED_BY_OTHERS = {"Link to this setting"}
"""What django-constance's template says."""


ICONS = re.compile(r'<(\w+) [^>]*class="[^"]*material-symbols-outlined[^>]*>[^<]*</\1>')
"""Icons of the panel, which its font makes out of words."""


class Shown(HTMLParser):
    """Collects what a page says: texts and attributes that are read to somebody."""

    def __init__(self):
        super().__init__()
        self.open, self.texts, self.names, self.is_json = [], [], [], False

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        self.is_json = ("type", "application/json") in attrs
        self.texts += [value for name, value in attrs if name in SPOKEN_ATTRIBUTES and value]
        if tag in ("input", "meta", "link", "br", "img", "hr", "source", "col"):
            self.open.pop()

    def handle_endtag(self, tag):
        self.is_json = False
        while self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data):
        if not UNSPOKEN & {*self.open}:
            self.texts.append(data)
        if self.is_json:
            self.texts += strings_in(json.loads(data))
        if NAMING & {*self.open}:
            self.names.append(data)


def strings_in(value, *, with_keys=False):
    """Every text in what JSON can hold; of a long list from the beginning only."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from value if with_keys else ()
        for inner in value.values():
            yield from strings_in(inner, with_keys=with_keys)
    elif isinstance(value, list):
        for inner in value[:200]:
            yield from strings_in(inner, with_keys=with_keys)


def words_in_the_database():
    """Every word that stands in a row: what people wrote, and what a model's card says."""
    found = set()
    for model in apps.get_models():
        for row in model._default_manager.values_list(
            *(field.name for field in model._meta.concrete_fields)
        )[:100]:
            for text in strings_in([*row], with_keys=True):
                found |= {*words_of(text), *words_of(capfirst(text))}  # titles begin with capitals
    return found


def words_of(text):
    """Return the words of three letters and more."""
    return {*re.findall(r"[^\W\d_]{3,}", text)}


def without_translated(page):
    """Return a page without what stands in brackets, which may be within each other."""
    count = 1
    while count:
        page, count = re.subn(f"{BEGIN}[^{BEGIN}{END}]*{END}", " ", page)
    return page


@pytest.fixture
def pseudo_language(monkeypatch):
    """A language in which every translated text stands in brackets."""
    functions = translation._trans
    bracketed = {
        "gettext": lambda text: f"{BEGIN}{text}{END}",
        "pgettext": lambda context, text: f"{BEGIN}{text}{END}",
        "ngettext": lambda one, many, number: f"{BEGIN}{one if number == 1 else many}{END}",
        "npgettext": lambda context, one, many, number: f"{BEGIN}{many}{END}",
    }
    for name, function in bracketed.items():
        monkeypatch.setattr(functions, name, function)


def test_whatever_the_panel_lists_has_a_name_that_can_be_translated(pseudo_language):
    """Titles that are made of a name and of words of Django's cannot show it by themselves."""
    of_rows = [model._meta for model in ROWS_OF_THE_PANEL]
    names = {meta.label: f"{meta.verbose_name} {meta.verbose_name_plural}" for meta in of_rows}
    names |= {meta.app_label: str(meta.app_config.verbose_name) for meta in of_rows}
    assert [place for place, name in names.items() if without_translated(name).strip()] == []


def test_no_page_says_anything_that_cannot_be_translated(
    db, owner, champion, clip_file, settings, pseudo_language
):
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}
    owner.role, owner.is_staff, owner.is_superuser = "administrator", True, True
    owner.save()
    clip = {"fake-flite.wav": clip_file("fake-flite.wav").read_bytes()}
    rows = {model._meta.model_name for model in ROWS_OF_THE_PANEL}
    pages = every_page(owner, furnish(owner, champion, clip), rows=rows)
    known = words_in_the_database() | NOT_WORDS
    untranslated = set()
    for page in pages:
        shown = Shown()
        html = ICONS.sub("", page.html or page.visitor.get(page.address).text)
        shown.feed(without_translated(html))
        said = [text for text in shown.texts if words_of(SAME_EVERYWHERE.sub("", text)) - known]
        if page.address.startswith("/admin/"):
            said += [name for name in shown.names if any(map(str.isalpha, name))]
        cut_short = {text for text in said if {BEGIN, END} & {*text}}
        for text in {" ".join(text.split()) for text in {*said} - cut_short}:
            if text not in UNTRANSLATED_BY_OTHERS:
                untranslated.add(f"{page.name}: {text}")
    assert not untranslated, "\n".join(sorted(untranslated))
