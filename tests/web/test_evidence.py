"""What moved a score, drawn: to the right towards synthetic, to the left towards human."""

from django.test import Client

from accounts.models import User
from detector.web.evidence import evidence
from tests.factories import PredictionFactory

EXPLANATION = {
    "usual": -1.0,
    "families": {"level": 0.5, "fine_spectrum": -2.0, "something_new": 1.0},
    "bands": [{"low_hz": 0, "high_hz": 1000, "weight": 1.0}],
    "segments": [],
}


def test_bars_go_to_their_side_on_one_scale_the_strongest_first() -> None:
    found = evidence(EXPLANATION)

    assert found is not None
    assert [(str(bar.label), bar.side, bar.x, bar.width) for bar in found.families] == [
        ("faint regular traces", "real", "0.00%", "50.00%"),
        ("something new", "fake", "50.00%", "25.00%"),
        ("loudness", "fake", "50.00%", "12.50%"),
    ]
    assert [(bar.label, bar.width) for bar in found.bands] == [("0 to 1 kHz", "25.00%")]


def test_an_earlier_prediction_without_an_explanation_has_no_such_section(
    browser: Client, owner: User
) -> None:
    without = PredictionFactory(clip__owner=owner, done=True)
    with_it = PredictionFactory(clip__owner=owner, done=True, explanation=EXPLANATION)

    assert "What moved the score" not in browser.get(f"/predictions/{without.pk}/").text
    page = browser.get(f"/predictions/{with_it.pk}/").text
    assert "What moved the score" in page
    assert "faint regular traces" in page
    assert f'href="/training/models/{with_it.model_version_id}/"' in page
