"""A detector on an encoder from outside is trained, stored and judges like any other."""

import hashlib
from io import StringIO

import pandas as pd
import pytest
from django.core.management import CommandError, call_command

from detector.engine.decode import Decoder
from detector.engine.judge import Judge
from detector.engine.model import BundleError, Model
from detector.engine.schemas import ssl
from tests.engine import signals
from tests.engine.test_schema_ssl import write_encoder
from tests.learning.test_recipe import fit
from training.learning.bundle import write_bundle
from training.learning.material.audio import write_flac
from training.learning.recipe import Wanted, make_version
from training.learning.table import FeatureTable

SOURCES = 6


@pytest.fixture
def corpus(tmp_path):
    """Pieces of the shipped clips, as if each source had published a human and a synthetic one."""
    rows = []
    for source in range(SOURCES):
        for label, name in (("real", "real-librivox.flac"), ("fake", "fake-hibari.flac")):
            file = f"{label}-{source}.flac"
            start = 4_000 * source
            write_flac(tmp_path / file, signals.clip(name)[start : start + 32_000])
            rows.append(
                {
                    "file": file,
                    "split": "train",
                    "label": label,
                    "task": "",
                    "generator": f"engine-{source}" if label == "fake" else "",
                    "speaker": f"{label}-voice-{source}",
                    "language": "en",
                    "source_repo": f"source-{source}",
                }
            )
    pd.DataFrame(rows).to_csv(tmp_path / "manifest.csv", index=False)
    return tmp_path


def test_a_detector_on_an_encoder_is_trained_stored_and_judges(corpus, clip_file):
    encoder = corpus / "encoder.onnx"
    write_encoder(encoder, seed=3)
    schema, table = f"ssl:{encoder}", corpus / "table.npz"
    call_command(
        "build_features",
        *(str(corpus), "--out", str(table), "--schema", schema, "--copies", "1"),
        stdout=StringIO(),
    )
    rows = FeatureTable.load(table)
    assert (rows.schema, len(rows.rows)) == (schema, 4 * SOURCES)
    artifact, manifest = make_version(rows, name="outside-1", seed=1, wanted=Wanted(), fit=fit)
    write_bundle(corpus / "model", artifact, manifest)

    content = clip_file("fake-hibari.flac").read_bytes()
    with Decoder() as decoder:
        judge = Judge(decoder, Model.load_bundle(corpus / "model"))
        judgement = judge.judge(content, sha256=hashlib.sha256(content).hexdigest())
    assert judgement.schema == schema
    assert judgement.probability > 0.5
    assert any(reason.code.startswith("encoder_") for reason in judgement.reasons)

    write_encoder(encoder, seed=4)
    ssl.schema.cache_clear()
    with pytest.raises(BundleError, match="not those it was trained on"):
        Model.load_bundle(corpus / "model")
    encoder.unlink()
    ssl.schema.cache_clear()
    with pytest.raises(BundleError, match=r"--extra ssl|cannot be loaded"):
        Model.load_bundle(corpus / "model")


@pytest.mark.parametrize(("schema", "message"), [("ssl:", "form ssl:MODEL"), ("mine-1", "mine-1")])
def test_features_of_a_schema_that_cannot_be_used_are_refused_in_words(corpus, schema, message):
    with pytest.raises(CommandError, match=message):
        call_command("build_features", str(corpus), "--out", "x.npz", "--schema", schema)
