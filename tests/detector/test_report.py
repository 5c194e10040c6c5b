"""The report of a prediction: complete, in any script, kept once, gone with its clip."""

import re
import zlib
from collections.abc import Callable

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import User
from detector import services
from detector.judging import judge_prediction
from detector.models import Prediction
from detector.report.cache import report_of
from tests.api.conftest import URL, assert_problem
from tests.factories import PredictionFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _static_files_by_their_own_names(settings):
    """Pages are made without `collectstatic`."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}


@pytest.fixture
def judged(owner, submit, champion) -> Prediction:
    """A real clip with a real verdict."""
    prediction = submit(owner, name="Müller 中 Ω.wav")
    judge_prediction(prediction.pk)
    prediction.refresh_from_db()
    assert prediction.status == "done", prediction.error_code
    return prediction


def words(pdf: bytes) -> str:
    """Return a PDF's text: glyphs of an embedded font, read back by its own table."""
    streams = []
    for match in re.finditer(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL):
        try:
            streams.append(zlib.decompress(match[1]))
        except zlib.error:
            streams.append(match[1])
    tables = [stream for stream in streams if b"beginbfchar" in stream]
    glyphs: dict[int, str] = {}
    for table in tables:
        for glyph, code in re.findall(rb"<([0-9A-Fa-f]{4})> <([0-9A-Fa-f]+)>", table):
            glyphs.setdefault(int(glyph, 16), bytes.fromhex(code.decode()).decode("utf-16-be"))
    return "".join(glyphs.values()) + str(len(streams))


def test_a_report_holds_the_verdict_the_picture_and_its_fonts(judged: Prediction) -> None:
    pdf = report_of(judged, address="https://voice.example.org/predictions/x/")

    assert pdf.startswith(b"%PDF-")
    assert pdf.rstrip().endswith(b"%%EOF")
    assert pdf.count(b"/FontFile2") == 2, "both fonts are inside"
    assert b"/Subtype /Image" in pdf, "the spectrogram"
    letters = words(pdf)
    for char in "üΩ⟨4E2D⟩":
        assert char in letters
    assert "中" not in letters, "what the font lacks is named"


def test_a_report_is_written_once(judged: Prediction) -> None:
    first = report_of(judged, address="https://a/")

    assert report_of(judged, address="https://b/") == first


@pytest.mark.django_db(transaction=True)
def test_a_report_goes_with_its_clip(owner: User) -> None:
    row = PredictionFactory(clip__owner=owner, done=True)
    report_of(row, address="https://a/")
    assert default_storage.exists(f"reports/1/{row.pk}.pdf")

    services.delete_clip(clip=row.clip, actor=owner)

    assert not default_storage.exists(f"reports/1/{row.pk}.pdf")


def test_a_clip_without_speech_or_picture_has_a_report_too(owner: User) -> None:
    row = PredictionFactory(
        clip__owner=owner,
        done=True,
        verdict="INCONCLUSIVE",
        probability=None,
        score=None,
        segments=[{"start": 0, "end": 3, "kind": "silence", "score": None, "probability": None}],
        reasons=[{"code": "no_speech", "weight": None, "params": {}}],
    )

    assert report_of(row, address="https://a/").startswith(b"%PDF-")


def test_page_and_api_give_it_to_whom_it_belongs(
    judged: Prediction,
    owner: User,
    stranger: User,
    client_of: Callable[[User], Client],
    api: Callable[..., APIClient],
) -> None:
    page, address = f"/predictions/{judged.pk}/report.pdf", f"{URL}/predictions/{judged.pk}/report"
    for answer in (client_of(owner).get(page), api(owner).get(address)):
        assert answer.status_code == 200
        assert answer["Content-Type"] == "application/pdf"
        assert answer.content.startswith(b"%PDF-")
    assert client_of(stranger).get(page).status_code == 404
    assert_problem(api(stranger).get(address), 404, "not_found")


def test_before_the_verdict_there_is_none(
    owner: User, client_of: Callable[[User], Client], api: Callable[..., APIClient]
) -> None:
    row = PredictionFactory(clip__owner=owner)
    assert_problem(api(owner).get(f"{URL}/predictions/{row.pk}/report"), 409, "not_judged")
    assert client_of(owner).get(f"/predictions/{row.pk}/report.pdf").status_code == 404
