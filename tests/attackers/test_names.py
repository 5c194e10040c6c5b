"""A file's name is a stranger's words: kept to be read, never to be followed or run."""

import re
from html import escape
from pathlib import PurePath

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile

from detector.models import Clip

pytestmark = pytest.mark.django_db

NAMES = [
    # sent, and what is kept of it
    ("../../../../etc/passwd", "passwd"),
    ("/etc/cron.d/voicetell", "voicetell"),
    ("C:\\Windows\\system32\\evil.wav", "evil.wav"),
    ("nul\0l.wav", "null.wav"),
    ("a\r\nSet-Cookie: taken=1.wav", "aSet-Cookie: taken=1.wav"),
    ("gnp\u202egpj.wav", "gnpgpj.wav"),  # "right to left" would show another ending
    ("zero\u200bwidth\ufeff.wav", "zerowidth.wav"),
    ('"; filename="other.html', '"; filename="other.html'),
    ("<img src=x onerror=alert(1)>.wav", "<img src=x onerror=alert(1)>.wav"),
    ("{{ settings.SECRET_KEY }}{% debug %}.wav", "{{ settings.SECRET_KEY }}{% debug %}.wav"),
    ("%2e%2e%2fetc.wav", "%2e%2e%2fetc.wav"),
    ("x" * 2000 + ".wav", "x" * 251 + ".wav"),
    ("\ud800.wav", None),  # half a character, which no database keeps
]
SOUND = (settings.FIXTURE_CLIPS / "real-librivox.mp3").read_bytes()


@pytest.mark.parametrize(("sent", "kept"), NAMES, ids=lambda name: ascii(name)[:30])
def test_a_name_is_kept_as_text_and_leads_nowhere(sent, kept, owner, api, client_of):
    answer = api(owner).generic(
        "POST",
        "/api/v1/predict",
        SOUND,
        content_type="audio/mpeg",
        query_params={"filename": sent.encode(errors="surrogatepass")},
        headers={"Prefer": "respond-async"},
    )
    assert answer.status_code == 202, answer.content
    clip = Clip.objects.get()
    assert kept is None or clip.name == kept
    assert answer.json()["filename"] == clip.name
    assert clip.name.isprintable()

    stored = PurePath(clip.audio.name)
    assert (stored.stem, stored.suffix) == (str(clip.pk), ".mp3")
    assert ".." not in stored.parts

    browser = client_of(owner)
    for address in (f"/predictions/{answer.json()['id']}/", "/history/"):
        page = browser.get(address)
        assert page.status_code == 200
        assert escape(clip.name) in page.text
        assert "<img src=x" not in page.text
        assert settings.SECRET_KEY not in page.text
    saved = browser.get(f"/clips/{clip.pk}/audio/?download")["Content-Disposition"]
    assert re.fullmatch(
        r"attachment; filename(=\"([^\"\\]|\\.)*\"|\*=utf-8''[\w.%~!()'*-]+)", saved
    )


def test_a_form_names_its_file_no_better(owner, client_of):
    for name in ("..\\..\\evil.mp3", "a\0b.mp3", "<svg onload=alert(1)>.mp3"):
        form = {"files": SimpleUploadedFile("harmless.mp3", SOUND)}
        form["files"]._name = name  # Django's own class cleans it, a browser need not
        assert client_of(owner).post("/clips/", form).status_code == 302
    for clip in Clip.objects.all():
        assert clip.name.isprintable()
        assert not {"/", "\\"} & set(clip.name)
        assert PurePath(clip.audio.name).stem == str(clip.pk)
