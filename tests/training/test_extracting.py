"""What a worker finds out about a sample: features, the champion's opinion, the same recording."""

from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from django.utils import timezone

from detector.engine import schemas
from detector.engine.decode import Decoder
from detector.setbacks import PATIENCE
from tests.engine.audio_files import encode
from tests.engine.signals import clip, silence
from tests.factories import ModelVersionFactory
from training.extracting import ensure_features, extract_sample, stored_features
from training.learning.material.augmentation import DAMAGES
from training.models import Extraction, FeatureRows, Fingerprint, Sample
from training.selectors.samples import same_recording
from training.services import extraction, promote
from training.services.review import Decision, review_samples
from training.services.samples import TRUTH_OF
from training.upkeep import sweep_samples

pytestmark = pytest.mark.django_db


def work_on(*samples):
    for sample in samples:
        extract_sample(sample.pk)
        sample.refresh_from_db()


def test_a_sample_gets_features_and_the_champions_opinion(add, champion):
    sample = add("real-prompt.wav")
    work_on(sample)
    assert sample.extraction == Extraction.DONE
    assert sample.duration == pytest.approx(5.18, abs=0.01)
    assert sample.scored_by == champion
    assert 0 <= sample.probability <= 1
    kept = FeatureRows.objects.get(sha256=sample.sha256, schema=champion.schema)
    vectors = stored_features(kept)
    assert vectors.shape == (len(kept.rows), len(schemas.get(champion.schema).columns))
    itself, damaged = sorted({row["copy"] for row in kept.rows})
    assert itself == 0
    assert damaged in range(1, len(DAMAGES) + 1)
    assert np.isfinite(vectors).all()


def test_a_sample_waits_for_a_model_whose_file_is_gone(add, db):
    version = ModelVersionFactory()
    promote(version=version)
    version.artifact.storage.delete(version.artifact.name)
    sample = add("real-prompt.wav")

    work_on(sample)
    assert (sample.extraction, sample.attempts) == (Extraction.QUEUED, 0)

    Sample.objects.update(created_at=timezone.now() - PATIENCE)
    work_on(sample)
    assert (sample.extraction, sample.error_code) == (Extraction.FAILED, "model_missing")


def test_a_sample_that_this_machine_is_too_slow_for_is_tried_again(add, champion, too_slow):
    sample = add("real-prompt.wav")
    ends = []
    for _ in range(3):
        too_slow(Path(sample.audio.path), lambda: work_on(sample))
        ends.append((sample.extraction, sample.error_code))

    assert ends == [("queued", ""), ("queued", ""), ("failed", "judging_timeout")]


def test_the_features_are_those_that_a_prediction_computes(add, champion, clip_file):
    sample = add("real-prompt.wav")
    work_on(sample)
    kept = FeatureRows.objects.get()
    with Decoder() as decoder:
        samples = decoder.decode(clip_file("real-prompt.wav")).samples
    own = [row for row in kept.rows if row["copy"] == 0]
    windows = [
        (round(row["start"] * 16_000), round((row["start"] + row["seconds"]) * 16_000))
        for row in own
    ]
    expected = schemas.get(champion.schema).compute(samples, windows)
    np.testing.assert_array_equal(stored_features(kept)[: len(own)], expected)


def test_what_is_computed_once_is_not_computed_again(add, champion):
    sample = add()
    work_on(sample)
    first = FeatureRows.objects.get()
    ensure_features(sample.pk, champion.schema)
    assert FeatureRows.objects.get().created_at == first.created_at
    ensure_features(sample.pk, "deepvoice-26")
    assert FeatureRows.objects.count() == 2


def test_a_sample_without_speech_says_so(add, champion):
    sample = add("silence.wav", content=encode(silence(), container="wav", codec="pcm_s16le"))
    work_on(sample)
    assert (sample.extraction, sample.error_code) == (Extraction.FAILED, "no_speech")


def test_a_damaged_sample_says_so(add, champion):
    sample = add("damaged.wav", content=b"RIFF\x24\x00\x00\x00WAVEfmt ")
    work_on(sample)
    assert sample.extraction == Extraction.FAILED
    assert sample.error_code in ("decode_failed", "no_audio")


def test_the_same_recording_in_another_format_joins_its_group(add, champion):
    first, other = add("real-librivox.flac"), add("fake-espeak.mp3", "fake")
    quieter = encode(clip("real-librivox.flac") * 0.3, container="mp3", codec="libmp3lame")
    again = add("again.mp3", content=quieter)
    work_on(first, other, again)
    first.refresh_from_db()
    assert list(same_recording(first)) == [again]
    assert not same_recording(other).exists()


def test_deleting_while_a_worker_is_at_it_leaves_nothing(add, champion, curator, monkeypatch):
    sample = add()
    from training import extracting

    rows = extracting.sample_rows

    def delete_meanwhile(*args, **kwargs):
        review_samples(ids=[sample.pk], actor=curator, decision=Decision.DELETE)
        return rows(*args, **kwargs)

    monkeypatch.setattr(extracting, "sample_rows", delete_meanwhile)
    extract_sample(sample.pk)
    assert not FeatureRows.objects.exists()
    assert not Fingerprint.objects.exists()


def test_what_a_dead_worker_held_is_taken_up_and_in_the_end_given_up(
    add, champion, settings, django_capture_on_commit_callbacks
):
    sample = add()
    for _ in range(settings.MAX_ATTEMPTS):
        assert extraction.claim(sample.pk)
        assert extraction.claim(sample.pk) is None
        Sample.objects.update(lease_expires_at=timezone.now() - timedelta(seconds=1))
        with django_capture_on_commit_callbacks(execute=True):
            sweep_samples()
    sample.refresh_from_db()
    assert (sample.extraction, sample.error_code) == (Extraction.FAILED, "worker_lost")
    extraction.try_again(sample)
    work_on(sample)
    assert sample.extraction == Extraction.DONE


def test_the_champion_is_heard_on_a_label(add, champion):
    sample = add("fake-espeak.mp3", label="real")
    work_on(sample)
    assert (sample.urgency == 1) == (TRUTH_OF.get(sample.verdict) == "fake")
