"""The figures that a person relies on are those of the model that is shipped."""

import json

import pytest
from django.core.management import CommandError, call_command

from training.learning.figures_page import clips_lines, degraded_lines, replace_section


@pytest.fixture
def manifest(settings):
    return json.loads((settings.SHIPPED_MODEL / "manifest.json").read_text())


def test_the_page_has_the_shipped_models_figures(settings, manifest):
    page = (settings.BASE_DIR / "docs" / "detector.md").read_text()
    written = replace_section(page, "clips", clips_lines(manifest))
    assert page == written, "run `manage.py write_detector_page`"


def test_rates_counts_and_intervals_are_read_as_percent(manifest):
    manifest["metrics"]["overall"]["fpr"] = 0.0123
    manifest["metrics"]["intervals"]["fpr"] = [0.004, 0.05]
    manifest["metrics"]["slices"]["language"] = {
        "xx": {"real": 200, "fake": 4, "fpr": 0.25, "fnr": 0.5, "inconclusive": 0.1}
    }
    text = "\n".join(clips_lines(manifest))
    assert "| real clips called FAKE | 1.2 % (0.4 % to 5.0 %) |" in text
    assert "| xx | 200 | 25.0 % | 4 | ~50.0 % | 10.0 % |" in text


def test_the_generator_that_fools_it_most_comes_first(manifest):
    part = {"real": 0, "fake": 40, "inconclusive": 0.0}
    manifest["metrics"]["slices"]["generator"] = {
        f"engine-{i}": part | {"fnr": i / 100} for i in range(20)
    }
    lines = [line for line in clips_lines(manifest) if line.startswith("| engine-")]
    assert [line.split()[1] for line in lines] == [f"engine-{i}" for i in range(19, 9, -1)]


def test_the_command_writes_both_sections_and_touches_nothing_else(tmp_path, manifest):
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- clips -->\nformer\n<!-- /clips -->\nbetween\n")
    found = {"fpr": 0.01, "fnr": 0.2, "inconclusive": 0.25, "eer": 0.1}
    degraded = {"model_version": "m-1", "threshold": 0.9, "degraded": {"mp3-32": found}}
    (tmp_path / "degraded.json").write_text(json.dumps(degraded))
    arguments = ["--page", str(page), "--degraded", str(tmp_path / "degraded.json")]
    with pytest.raises(CommandError, match="no section degraded"):
        call_command("write_detector_page", *arguments)
    assert "former" in page.read_text()
    page.write_text(page.read_text() + "<!-- degraded -->\n<!-- /degraded -->\nafter\n")
    call_command("write_detector_page", *arguments)
    text = page.read_text()
    assert text.startswith("before\n<!-- clips -->\nVersion")
    assert "former" not in text
    assert "\n<!-- /clips -->\nbetween\n" in text
    assert "| mp3-32 | 1.0 % | 20.0 % | 25.0 % | 10.0 % |" in text
    assert text.endswith("<!-- /degraded -->\nafter\n")
    assert degraded_lines(degraded)[0].startswith("Version `m-1`")
