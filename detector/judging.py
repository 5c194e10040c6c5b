"""The worker's side: claim a prediction, judge its clip, write what came out.

Imports the engine, so only workers import it.
"""

import hashlib
import logging
import os
from contextlib import suppress
from dataclasses import asdict
from functools import cache, lru_cache
from uuid import UUID

from django.conf import settings

from detector import services
from detector.engine.decode import Decoder
from detector.engine.errors import ClipError
from detector.engine.judge import Judge
from detector.engine.model import Model
from detector.models import Prediction
from detector.setbacks import ModelMissingError, settle
from detector.uploads import stored
from operations.context import about
from training.models import AliasName, ModelVersion
from training.selectors import version_id_for
from training.services.opinions import ask_challenger

log = logging.getLogger(__name__)

MODELS_HELD = 3
"""Loaded models that a process keeps: the champion, a challenger, and one that was asked for."""
DECODE_CPU_SECONDS = 12
DECODE_WALL_SECONDS = 18
"""Below the task's own limits, so that a slow file is named as such and no lease ends meanwhile."""


def judge_prediction(prediction_id: UUID) -> None:
    """Judge one prediction if it still waits; whatever happens, its row says so."""
    prediction = services.claim(prediction_id)
    if prediction is None:
        return
    with about(prediction=prediction.pk, clip=prediction.clip_id):
        _judge_claimed(prediction)


def _judge_claimed(prediction: Prediction) -> None:
    if prediction.clip.deleted_at:
        services.fail(prediction, code="clip_deleted")
        return
    try:
        version_id = prediction.requested_version_id or version_id_for(AliasName.CHAMPION)
        if version_id is None:
            raise ClipError("no_model")
        _judge(prediction, _version(version_id))
    except Exception as error:
        settle(prediction, error, services=services)


def _judge(prediction: Prediction, version: ModelVersion) -> None:
    clip = prediction.clip
    with stored(clip.audio) as source:
        judgement = judge_of(version).judge(
            source,
            sha256=clip.sha256,
            max_seconds=settings.MAX_CLIP_SECONDS,
            target_fpr=prediction.target_fpr,
        )
    written = services.finish(
        prediction,
        facts=asdict(judgement.facts),
        picture=judgement.picture,
        model_version=version,
        verdict=judgement.verdict,
        probability=judgement.probability,
        score=judgement.score,
        threshold=judgement.threshold,
        real_threshold=judgement.real_threshold,
        segments=[asdict(segment) for segment in judgement.segments],
        reasons=[asdict(reason) for reason in judgement.reasons],
        quality=judgement.quality,
        timings=judgement.timings,
        explanation=asdict(judgement.explanation) if judgement.explanation else {},
    )
    if written and prediction.requested_version_id is None:
        ask_challenger(prediction)


@cache
def _decoder(pid: int) -> Decoder:
    return Decoder(cpu_seconds=DECODE_CPU_SECONDS, wall_seconds=DECODE_WALL_SECONDS)


@lru_cache(maxsize=MODELS_HELD)
def _version(version_id: UUID) -> ModelVersion:
    """Return a version, which never changes; without its manifest, which is long."""
    return ModelVersion.objects.defer("manifest").get(pk=version_id)


@lru_cache(maxsize=MODELS_HELD)
def _judge_of(pid: int, version_id: UUID) -> Judge:
    version = ModelVersion.objects.get(pk=version_id)
    return Judge(_decoder(pid), Model.load(_artifact(version), version.manifest))


def judge_of(version: ModelVersion) -> Judge:
    """Return this process's judge for a version; the last few models stay loaded."""
    return _judge_of(os.getpid(), version.pk)


def _artifact(version: ModelVersion) -> bytes:
    """Return the artifact, from this machine's cache or else from storage."""
    cached = settings.MODEL_CACHE / f"{version.artifact_sha256}.skops"
    with suppress(OSError):
        content = cached.read_bytes()
        if hashlib.sha256(content).hexdigest() == version.artifact_sha256:
            return content
        log.warning("%s is damaged and fetched again", cached)
    try:
        with stored(version.artifact) as file:
            content = file.read()
    except FileNotFoundError as error:
        raise ModelMissingError(version.name) from error
    temporary = cached.with_suffix(f".{os.getpid()}")
    try:
        cached.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(content)
        temporary.replace(cached)
    except OSError:
        log.warning("no room to keep a copy of the model", exc_info=True)
        temporary.unlink(missing_ok=True)
    return content
