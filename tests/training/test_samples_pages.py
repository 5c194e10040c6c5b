"""The pages of samples: who may, what they show, and that they work without JavaScript."""

import io
import zipfile

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from tests.factories import ClipFactory, PredictionFactory, SampleFactory
from training.models import Label, Sample, SampleState
from training.unpacking import unpack_archive

pytestmark = pytest.mark.django_db

PAGES = ("data", "add", "review", "samples")


@pytest.fixture(autouse=True)
def _static_files_by_their_own_names(settings):
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}


@pytest.fixture
def browser(client_of, curator):
    return client_of(curator)


def url(name, *args):
    return reverse(f"training:{name}", args=args)


def addresses(sample):
    own = [url(name, sample.pk) for name in ("sample", "sample-audio")]
    return [*map(url, PAGES), *own]


def test_samples_are_for_those_who_may_label(client, client_of, owner, browser):
    sample = SampleFactory()
    analyst = client_of(owner)
    for address in addresses(sample):
        assert client.get(address).status_code == 302, address
        assert analyst.get(address).status_code == 403, address
        assert browser.get(address).status_code == 200, address
    for name in ("decide", "change"):
        assert analyst.post(url(name, sample.pk)).status_code == 403
    assert analyst.post(url("samples")).status_code == 403
    assert analyst.post(url("add")).status_code == 403


def test_a_sample_that_is_deleted_is_not_there(browser):
    from django.utils import timezone

    sample = SampleFactory(deleted_at=timezone.now())
    for name in ("sample", "sample-audio"):
        assert browser.get(url(name, sample.pk)).status_code == 404


def test_lists_cost_the_same_however_many_there_are(browser, django_assert_max_num_queries):
    SampleFactory.create_batch(60)
    for name, most in (("samples", 5), ("data", 12), ("review", 8)):
        with django_assert_max_num_queries(most):
            browser.get(url(name))


def test_the_list_goes_on_where_a_page_ends(browser):
    SampleFactory.create_batch(60)
    first = browser.get(url("samples"))
    shown = {row.pk for row in first.context["samples"]}
    second = browser.get(url("samples"), {"after": first.context["last"].pk})
    rest = {row.pk for row in second.context["samples"]}
    assert len(shown) == 50
    assert len(rest) == 10
    assert not shown & rest


def test_files_are_added_with_one_label_for_all(browser, clip_file):
    files = [
        SimpleUploadedFile("one.wav", clip_file("real-prompt.wav").read_bytes()),
        SimpleUploadedFile("notes.txt", b"dear diary"),
    ]
    answer = browser.post(
        url("add"), {"files": files, "label": "real", "speaker": "Ann", "source": "s1"}
    )
    page = answer.content.decode()
    assert "1 sample was added" in page
    assert "This is not an audio format that we read" in page
    sample = Sample.objects.get()
    assert (sample.label, sample.speaker, sample.state) == ("real", "Ann", SampleState.WAITING)


def test_who_has_listened_may_confirm_at_once(browser, clip_file):
    file = SimpleUploadedFile("one.wav", clip_file("real-prompt.wav").read_bytes())
    browser.post(url("add"), {"files": [file], "label": "real", "confirm": "on"})
    assert Sample.objects.get().state == SampleState.CONFIRMED


def test_without_a_label_nothing_is_added(browser, clip_file):
    file = SimpleUploadedFile("one.wav", clip_file("real-prompt.wav").read_bytes())
    answer = browser.post(url("add"), {"files": [file]})
    assert answer.status_code == 422
    assert not Sample.objects.exists()


def test_a_manifest_may_say_what_the_files_are(browser, clip_file):
    file = SimpleUploadedFile("one.wav", clip_file("real-prompt.wav").read_bytes())
    manifest = SimpleUploadedFile("m.csv", b"file,label,language\none.wav,real,en\n")
    browser.post(url("add"), {"files": [file], "manifest": manifest})
    sample = Sample.objects.get()
    assert (sample.label, sample.language) == ("real", "en")


def test_an_archive_is_unpacked_while_its_page_shows_how_far_it_is(browser, clip_file):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("manifest.csv", "file,label\na.wav,real\ngone.wav,real\n")
        archive.writestr("a.wav", clip_file("real-prompt.wav").read_bytes())
    file = SimpleUploadedFile("samples.zip", buffer.getvalue())
    page = browser.post(url("add"), {"archive": file}, follow=True)
    text = page.content.decode()
    assert "0 of 2 files done" in text
    assert 'http-equiv="refresh"' in text
    archive = page.context["archive"]
    assert archive.name in browser.get(url("add")).content.decode()

    unpack_archive(archive.pk)
    for name in ("archive", "archive-live"):
        text = browser.get(url(name, archive.pk)).content.decode()
        assert "2 of 2 files done" in text
        assert text.index("gone.wav") < text.index("a.wav"), "what was refused comes first"
        assert "The manifest names this file" in text
        assert "refresh" not in text
        assert "hx-get" not in text


def test_an_archive_that_cannot_be_read_is_refused_at_once(browser):
    refused = browser.post(url("add"), {"archive": SimpleUploadedFile("samples.zip", b"PK")})
    assert refused.status_code == 422
    assert "The archive cannot be read" in refused.content.decode()


def test_too_large_a_request_is_refused_before_it_is_read(browser, settings):
    settings.MAX_BATCH_BYTES = 100
    file = SimpleUploadedFile("one.wav", bytes(1000))
    answer = browser.post(url("add"), {"files": [file], "label": "real"})
    assert answer.status_code == 413


def test_reviewing_leads_from_one_sample_to_the_next(browser, curator):
    doubtful = SampleFactory(people_disagree=True)
    calm = SampleFactory()
    first = browser.get(url("review"))
    assert first.context["sample"] == doubtful
    answer = browser.post(
        url("decide", doubtful.pk),
        {"decision": "confirm", "label": "fake", "note": "metal", "from": "review"},
        follow=True,
    )
    assert answer.context["sample"] == calm
    doubtful.refresh_from_db()
    assert (doubtful.label, doubtful.state) == (Label.FAKE, SampleState.CONFIRMED)
    assert doubtful.opinions.get(person=curator).note == "metal"
    end = browser.get(url("review"), {"after": calm.pk})
    assert "That was the last one" in end.content.decode()


def test_settling_a_dispute_leaves_out_nothing_that_is_disputed_or_older(browser, champion):
    plain = SampleFactory()
    settled, disputed = SampleFactory.create_batch(2, verdict="FAKE", scored_by=champion)
    body = {"decision": "confirm", "label": "fake", "from": "review", "urgency": "1"}
    answer = browser.post(url("decide", settled.pk), body, follow=True)
    settled.refresh_from_db()
    assert settled.urgency == 0
    assert answer.context["sample"] == disputed
    answer = browser.post(url("decide", disputed.pk), body, follow=True)
    assert answer.context["sample"] == plain


def test_an_opinion_decides_nothing(browser, curator):
    sample = SampleFactory()
    sample.opinions.create(person=sample.added_by, label="real")
    browser.post(url("decide", sample.pk), {"decision": "opinion", "label": "fake"})
    sample.refresh_from_db()
    assert (sample.state, sample.label, sample.urgency) == ("waiting", "real", 2)


def test_those_ticked_are_decided_together(browser):
    chosen, other = SampleFactory.create_batch(2), SampleFactory()
    body = {"samples": [str(row.pk) for row in chosen], "decision": "confirm:fake"}
    answer = browser.post(url("samples"), body, follow=True)
    assert "2 samples were changed" in answer.content.decode()
    assert Sample.objects.filter(state="confirmed", label="fake").count() == 2
    other.refresh_from_db()
    assert other.state == SampleState.WAITING


def test_ticking_nothing_changes_nothing(browser):
    SampleFactory()
    answer = browser.post(url("samples"), {"decision": "delete:"}, follow=True)
    assert "Tick at least one sample" in answer.content.decode()
    assert Sample.objects.get().deleted_at is None


def test_a_sample_is_described(browser):
    sample = SampleFactory()
    browser.post(url("change", sample.pk), {"speaker": "Ann", "language": "en"})
    sample.refresh_from_db()
    assert (sample.speaker, sample.language) == ("Ann", "en")


def test_names_from_outside_stay_text(browser):
    SampleFactory(name="<script>alert(1)</script>.wav", speaker="<b>x</b>")
    page = browser.get(url("samples")).content.decode()
    assert "<script>alert" not in page
    assert "<b>x</b>" not in page


@pytest.fixture
def judged(owner, clip_file):
    content = clip_file("real-prompt.wav").read_bytes()
    clip = ClipFactory(owner=owner, audio=ContentFile(content, name="a.wav"))
    return PredictionFactory(done=True, clip=clip)


def test_whoever_got_a_verdict_may_say_that_it_is_wrong(client_of, owner, stranger, judged):
    address = url("feedback", judged.pk)
    assert client_of(stranger).get(address).status_code == 404
    assert client_of(stranger).post(address, {"label": "real"}).status_code == 404
    mine = client_of(owner)
    assert address in mine.get(reverse("prediction", args=[judged.pk])).content.decode()
    assert [value for value, _ in mine.get(address).context["form"].fields["label"].choices] == [
        "real"
    ]
    answer = mine.post(address, {"label": "real", "note": "my voice"}, follow=True)
    assert "The clip waits for somebody to confirm" in answer.content.decode()
    assert Sample.objects.get().prediction == judged
