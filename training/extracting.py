"""The worker's side of samples: decode, fingerprint, score, compute what a run will need.

Imports the engine and the learning code, so only workers import it.
"""

from dataclasses import asdict
from uuid import UUID

import numpy as np
from django.conf import settings
from django.db import connection, transaction

from detector.engine import schemas
from detector.engine.errors import ClipError
from detector.engine.types import Audio
from detector.judging import judge_of
from detector.setbacks import settle
from detector.uploads import stored
from training.learning import fingerprint
from training.learning.fingerprint import Landmarks
from training.learning.rows import sample_rows
from training.learning.table import Features
from training.models import AliasName, FeatureRows, Fingerprint, ModelVersion, Sample
from training.selectors import version_for
from training.selectors.samples import fingerprint_candidates
from training.services import extraction

_FINGERPRINTS = 0x766F696365
"""Key of the lock under which fingerprints are compared."""


def extract_sample(sample_id: UUID) -> None:
    """Work on one sample if it still waits; whatever happens, its row says so."""
    sample = extraction.claim(sample_id)
    if sample is None:
        return
    try:
        version = version_for(AliasName.CHAMPION)
        if version is None:
            raise ClipError("no_model")
        _extract(sample, version)
    except Exception as error:
        settle(sample, error, services=extraction)


def _extract(sample: Sample, version: ModelVersion) -> None:
    audio = _decode(sample, version)
    judgement = judge_of(version).judge_audio(audio, sha256=sample.sha256)
    computed = _rows(sample, version.schema, audio)
    landmarks = fingerprint.landmarks(audio.samples)
    with transaction.atomic():
        # Two alike must not pass each other: each would find nothing like itself.
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_FINGERPRINTS])
        written = extraction.finish(
            sample,
            facts=asdict(audio.facts),
            duration=audio.facts.duration,
            scored_by=version,
            verdict=judgement.verdict,
            probability=judgement.probability,
        )
        if written:
            FeatureRows.objects.bulk_create([computed], ignore_conflicts=True)
            _keep_fingerprint(sample, landmarks)


def ensure_features(sample_id: UUID, schema: str) -> None:
    """Compute a sample's rows for a schema unless they are cached or it has been deleted.

    Raises
    ------
    ClipError
        Its audio cannot be decoded or holds no speech.
    FileNotFoundError
    StorageError
    """
    sample = Sample.objects.filter(pk=sample_id, deleted_at=None).first()
    if sample is None:
        return
    if FeatureRows.objects.filter(sha256=sample.sha256, schema=schema).exists():
        return
    version = version_for(AliasName.CHAMPION)
    if version is None:
        raise ClipError("no_model")
    computed = _rows(sample, schema, _decode(sample, version))
    with transaction.atomic():
        if Sample.objects.select_for_update().filter(pk=sample_id, deleted_at=None).exists():
            FeatureRows.objects.bulk_create([computed], ignore_conflicts=True)


def stored_features(kept: FeatureRows) -> Features:
    """Return the vectors of cached rows: shape (len(kept.rows), columns of the schema)."""
    columns = len(schemas.get(kept.schema).columns)
    return np.frombuffer(kept.vectors, dtype="<f4").reshape(len(kept.rows), columns)


def _decode(sample: Sample, version: ModelVersion) -> Audio:
    decoder = judge_of(version).decoder
    with stored(sample.audio) as source:
        return decoder.decode(source, max_seconds=settings.MAX_CLIP_SECONDS)


def _rows(sample: Sample, schema: str, audio: Audio) -> FeatureRows:
    vectors, rows = sample_rows(audio.samples, schema=schema, sha256=sample.sha256)
    if not rows:
        raise ClipError("no_speech")
    content = np.ascontiguousarray(vectors, dtype="<f4").tobytes()
    return FeatureRows(sha256=sample.sha256, schema=schema, rows=rows, vectors=content)


def _keep_fingerprint(sample: Sample, found: Landmarks) -> None:
    """Keep a fingerprint, and put its sample together with those that hold the same recording."""
    keys = [int(key) for key in fingerprint.keys(found)]
    alike = {
        other.sample.recording
        for other in fingerprint_candidates(keys, besides=sample)
        if fingerprint.is_same_recording(found, _landmarks(other))
    }
    Fingerprint.objects.update_or_create(
        sample=sample,
        defaults={"landmarks": np.ascontiguousarray(found, "<i4").tobytes(), "keys": keys},
    )
    if alike:
        group = min(alike)
        Sample.objects.filter(pk=sample.pk).update(recording=group)
        Sample.objects.filter(recording__in=alike - {group}).update(recording=group)


def _landmarks(kept: Fingerprint) -> Landmarks:
    return np.frombuffer(kept.landmarks, dtype="<i4").reshape(-1, 2)
