"""Damaged files of every format: each is decoded or refused, and nothing falls or grows.

`python -m tests.fuzz` does the same by the hundred thousand: see docs/threat-model.md.
"""

import hashlib
from pathlib import Path

import pytest

from detector.engine.decode import Decoder
from detector.engine.errors import ClipError
from detector.engine.judge import Judge
from detector.engine.model import Model
from tests.fuzz.campaign import DECODED, MAX_SECONDS, mutants, resources, run
from tests.fuzz.seeds import seeds

SHIPPED_MODEL = Path(__file__).parents[2] / "fixtures/model"


@pytest.fixture(scope="module")
def decoder():
    with Decoder() as decoder:
        yield decoder


def test_every_file_that_the_damage_starts_from_is_sound(decoder):
    for name, content in seeds().items():
        assert 0.9 < decoder.decode(content).facts.duration < 1.2, name


def test_a_damaged_file_is_decoded_or_refused_and_leaves_nothing_behind(decoder):
    decoder.decode(seeds()["WAV 16 bit"])
    before = resources()
    *_, findings = run(decoder, range(300), seed=7)
    # A header may ask for more memory than it is given; that is refused as well.
    assert not [name for name in findings.suspects if name[1] != "decoder_memory"]
    assert findings.total[DECODED] > 60, "the damage leaves something to find"
    assert len(findings.total) > 5
    assert resources()[1:] == before[1:], "descriptors and children"


def test_what_is_left_of_a_damaged_file_can_be_judged(decoder):
    judge = Judge(decoder, Model.load_bundle(SHIPPED_MODEL))
    judged = 0
    for _, _, content in mutants(range(1000, 1076), seed=7):
        try:
            audio = decoder.decode(content, max_seconds=MAX_SECONDS)
        except ClipError:
            continue
        verdict = judge.judge_audio(audio, sha256=hashlib.sha256(content).hexdigest()).verdict
        assert verdict in ("REAL", "FAKE", "INCONCLUSIVE")
        judged += 1
    assert judged > 20
