"""The notebook runs with what is shipped, and what is committed is what came out of it."""

import base64
import json

import pytest

from detector.engine.model import Model
from training.learning.notebook import cells_of, run


@pytest.fixture(scope="module")
def folder():
    from django.conf import settings

    return settings.BASE_DIR / "docs" / "notebook"


@pytest.fixture(scope="module")
def cells(folder):
    return cells_of((folder / "audio_to_verdict.py").read_text())


@pytest.fixture(scope="module")
def committed(folder):
    return json.loads((folder / "audio_to_verdict.ipynb").read_text())


def printed(cell):
    return "".join(
        line
        for output in cell.get("outputs", [])
        if output["output_type"] == "stream"
        for line in output["text"]
    )


def test_the_notebook_runs_from_audio_to_verdict_and_says_the_same_again(
    folder, cells, committed, monkeypatch
):
    monkeypatch.chdir(folder.parents[1])
    # Its one process of its own is closed by its last line.
    now = run(cells)
    for cell, before in zip(now, committed["cells"], strict=True):
        assert cell["source"] == before["source"], "run `manage.py render_notebook`"
        assert len(cell.get("outputs", [])) == len(before.get("outputs", []))
    pictures = [
        output["data"]["image/png"]
        for cell in now
        for output in cell.get("outputs", [])
        if output["output_type"] == "display_data"
    ]
    assert len(pictures) == 3
    assert all(base64.b64decode(picture).startswith(b"\x89PNG") for picture in pictures)
    said = "".join(map(printed, now))
    for row in (folder.parents[1] / "fixtures/clips/clips.csv").read_text().splitlines()[1:]:
        file, label = row.split(",")[:2]
        assert f"{file:20} is {label:4}, called " in said


def test_what_is_committed_is_of_the_shipped_model_and_small(folder, committed, settings):
    shipped = Model.load_bundle(settings.SHIPPED_MODEL).name
    said = "".join(map(printed, committed["cells"]))
    assert shipped in said, "run `manage.py render_notebook`"
    assert (folder / "audio_to_verdict.ipynb").stat().st_size < 400_000
    assert (committed["nbformat"], committed["nbformat_minor"]) == (4, 5)


def test_a_cell_that_fails_fails_the_run():
    with pytest.raises(AssertionError):
        run(cells_of("# %%\nassert 1 == 2\n"))


def test_cells_are_split_as_written():
    script = '"""About."""\n\n# %% [markdown]\n# # Title\n#\n# Text.\n\n# %%\nx = 1\n\n\nprint(x)\n'
    cells = cells_of(script)
    assert cells == [("markdown", "# Title\n\nText."), ("code", "x = 1\n\n\nprint(x)")]
    assert printed(run(cells)[1]) == "1\n"
