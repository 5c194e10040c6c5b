"""The pages of model versions: what they show, whom they let do what."""

import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.models import AuditEvent
from tests.factories import ModelVersionFactory, PredictionFactory
from training.models import AliasName, GateReport, SecondOpinion
from training.selectors import version_for
from training.services import promote
from training.services.promotion import set_challenger

CHECK = {
    "figure": "fpr",
    "slice": "language: en",
    "clips": 412,
    "groups": 30,
    "champion": 0.0312,
    "challenger": 0.0911,
    "low": 0.021,
    "high": 0.1,
    "p": 0.01,
    "worse": True,
}


def address(name, version=None):
    return reverse(f"training:{name}", args=[version.pk] if version else [])


@pytest.fixture
def challenger(champion):
    """The champion's model under another name, with one held-out verdict of another kind."""
    manifest = champion.manifest | {"name": "challenger-1"}
    table = manifest["evidence"]["held_out"]
    verdicts = ["FAKE" if v == "REAL" else v for v in table["verdicts"][:3]]
    manifest["evidence"] = manifest["evidence"] | {
        "held_out": table | {"verdicts": verdicts + table["verdicts"][3:]}
    }
    return ModelVersionFactory(
        name="challenger-1",
        artifact=champion.artifact.name,
        artifact_sha256=champion.artifact_sha256,
        manifest=manifest,
    )


@pytest.mark.parametrize("name", ["promote", "roll-back", "challenge", "export", "import"])
def test_only_who_may_train_may_move_aliases_and_files(name, champion, curator, analyst, client):
    to = address(name, None if name in ("roll-back", "import") else champion)
    for who in (curator, analyst):
        assert who.post(to).status_code == 403
    assert "/login/?next=" in client.post(to)["Location"]
    assert AuditEvent.objects.filter(action="version.exported").count() == 0


def test_who_may_read_a_verdict_may_see_the_card_of_who_gave_it(champion, analyst, client):
    for name in ("version", "card-md", "card-json"):
        assert analyst.get(address(name, champion)).status_code == 200
        assert client.get(address(name, champion)).status_code == 302
    assert analyst.get(address("compare")).status_code == 403


def test_a_version_shows_its_figures_and_every_plot_with_its_table(champion, curator):
    page = curator.get(address("version", champion)).text

    assert f"{champion.manifest['metrics']['overall']['eer']:.3f}" in page
    for key in ("roc", "det", "reliability", "histogram", "confusion", "importance"):
        assert f'data-testid="plot-{key}"' in page
    assert 'data-testid="plot-slice-language"' in page
    assert page.count("As a table") == page.count("<figure")
    assert "style=" not in page
    assert page.index("What it is") < page.index("Known limits")


def test_a_version_without_evidence_still_has_a_page(curator, db):
    bare = ModelVersionFactory(name="bare")
    page = curator.get(address("version", bare)).text
    assert "carries no curves" in page
    assert curator.get(address("models")).status_code == 200


def test_the_card_can_be_kept(champion, analyst):
    markdown = analyst.get(address("card-md", champion))
    assert markdown.text.startswith(f"# Model card: {champion.name}")
    assert f'filename="{champion.name}.md"' in markdown["Content-Disposition"]
    assert analyst.get(address("card-json", champion)).json() == champion.manifest


def test_what_the_gate_stopped_needs_a_reason(champion, challenger, model_owner):
    GateReport.objects.create(
        version=challenger, champion=champion, passed=False, clips=836, checks=[CHECK]
    )
    page = model_owner.get(address("promote", challenger)).text
    for shown in ("0.031", "0.091", "language: en", "worse", "412", "overrides the gate"):
        assert shown in page

    refused = model_owner.post(address("promote", challenger), {"reason": "no"})
    assert "at least 10 characters" in refused.text
    assert version_for(AliasName.CHAMPION) == champion
    model_owner.post(address("promote", challenger), {"reason": "needed for the new phone lines"})
    assert version_for(AliasName.CHAMPION) == challenger

    model_owner.post(address("roll-back"), {"reason": ""})
    assert version_for(AliasName.CHAMPION) == champion
    actions = set(AuditEvent.objects.values_list("action", flat=True))
    assert {"gate.overridden", "version.promoted", "version.rolled_back"} <= actions


def test_a_challenger_is_named_and_let_go_by_the_same_button(champion, challenger, model_owner):
    model_owner.post(address("challenge", challenger))
    assert version_for(AliasName.CHALLENGER) == challenger
    assert "End its shadow" in model_owner.get(address("version", challenger)).text
    model_owner.post(address("challenge", challenger))
    assert version_for(AliasName.CHALLENGER) is None


def test_two_versions_beside_each_other(champion, challenger, curator):
    page = curator.get(address("compare"), {"first": champion.pk, "second": challenger.pk}).text
    table = champion.manifest["evidence"]["held_out"]
    flipped = [
        clip
        for clip, verdict in zip(table["clips"][:3], table["verdicts"], strict=False)
        if verdict == "REAL"
    ]
    assert flipped
    assert all(clip in page for clip in flipped)
    assert table["clips"][5] not in page
    assert f"Both judged {len(table['clips'])} held-out clips" in page


def test_figures_are_drawn_over_the_versions(champion, challenger, curator):
    page = curator.get(address("models")).text
    for key in ("eer", "fpr", "cllr"):
        plot = page.partition(f'data-testid="plot-trend-{key}"')[2].partition("</figure>")[0]
        value = f"{champion.manifest['metrics']['overall'][key]:.3f}"
        assert plot.index(champion.name) < plot.index(challenger.name)
        assert plot.count(value) >= 2


def test_only_own_clips_are_named_in_a_comparison(champion, challenger, owner, stranger, client_of):
    for person, name in ((owner, "mine.wav"), (stranger, "theirs.wav")):
        person.role = "owner"
        person.save()
        prediction = PredictionFactory(
            clip__owner=person, clip__name=name, done=True, model_version=champion
        )
        SecondOpinion.objects.create(
            prediction=prediction, version=challenger, verdict="REAL", probability=0.1
        )
    page = (
        client_of(owner)
        .get(address("compare"), {"first": champion.pk, "second": challenger.pk})
        .text
    )
    assert "mine.wav" in page
    assert "theirs.wav" not in page
    assert "of 2 clips" in page  # numbers are everybody's


def test_a_version_goes_out_as_a_file_and_rubbish_does_not_come_in(champion, model_owner):
    answer = model_owner.post(address("export", champion))
    content = b"".join(answer.streaming_content)
    assert zipfile.ZipFile(io.BytesIO(content)).namelist() == ["manifest.json", "model.skops"]

    upload = SimpleUploadedFile("version.zip", b"rubbish")
    page = model_owner.post(address("import"), {"file": upload}, follow=True).text
    assert "Nothing was kept of it" in page


def test_the_list_takes_the_same_queries_however_many_versions(
    champion, curator, django_assert_max_num_queries
):
    promote(version=ModelVersionFactory())
    set_challenger(version=None, actor=None)
    curator.get(address("models"))
    for _ in range(30):
        ModelVersionFactory()
    with django_assert_max_num_queries(14):
        page = curator.get(address("models")).text
    assert page.count('data-testid="row"') == 25
