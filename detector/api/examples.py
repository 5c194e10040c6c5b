"""Examples of answers for the OpenAPI description."""

from typing import Any

from drf_spectacular.utils import OpenApiExample

from detector.api.problems import problem_body

_HOST = "https://voicetell.example.org/api/v1"
_ID = "7f0a5c2e-3a54-4f0e-9d43-0d3f3f6a8a11"
_BATCH = "b1c7f8f2-5a0d-4b59-8f5a-4f6a3d2c1e00"
_LATER = "2026-11-23T10:00:01Z"
_SHA256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

_QUEUED_SUMMARY: dict[str, Any] = {
    "id": _ID,
    "filename": "voicemail.mp3",
    "status": "queued",
    "prediction": None,
    "verdict": None,
    "confidence": None,
    "probabilities": None,
    "probability": None,
    "score": None,
    "threshold": None,
    "real_threshold": None,
    "error": None,
    "sha256": _SHA256,
    "size": 48_044,
    "model_version": None,
    "schema": None,
    "origin": "upload",
    "requested_version": None,
    "target_fpr": None,
    "external_id": "call-4711",
    "metadata": {"desk": "fraud"},
    "keep_audio": True,
    "audio_erased_at": None,
    "expires_at": None,
    "created_at": "2026-11-23T10:00:00Z",
    "finished_at": None,
    "links": {"self": f"{_HOST}/predictions/{_ID}"},
}
_DONE_SUMMARY = _QUEUED_SUMMARY | {
    "status": "done",
    "prediction": "FAKE",
    "verdict": "FAKE",
    "confidence": 0.95,
    "probabilities": {"REAL": 0.05, "FAKE": 0.95},
    "probability": 0.95,
    "score": 2.94,
    "threshold": 0.8,
    "real_threshold": 0.3,
    "model_version": "voicetell-2026.11",
    "schema": "voicetell-1",
    "finished_at": "2026-11-23T10:00:01Z",
}
_NO_EVIDENCE: dict[str, Any] = {
    "ahead": None,
    "confidence_in_words": None,
    "explanation": {},
    "segments": [],
    "reasons": [],
    "quality": {},
    "facts": {},
    "timings": {},
}
_EVIDENCE: dict[str, Any] = {
    "ahead": None,
    "confidence_in_words": {
        "level": "moderate",
        "text": "The evidence gives moderate support for a synthetic voice: on the data that "
        "voicetell-2026.11 was calibrated on, it was about 19 times as likely with a synthetic "
        "voice as with the other kind. It rests on 2.8 s of speech; 1 of 1 windows point the same "
        "way by themselves.",
        "likelihood_ratio": 18.9,
        "towards": "FAKE",
        "speech_seconds": 2.8,
        "windows": 1,
        "agreeing": 1,
        "cautions": [],
    },
    "explanation": {},
    "segments": [
        {"start": 0.0, "end": 3.0, "kind": "speech", "score": 2.94, "probability": 0.95},
        {"start": 1.0, "end": 4.0, "kind": "silence", "score": None, "probability": None},
    ],
    "reasons": [
        {
            "code": "score_above_threshold",
            "text": "The evidence for a synthetic voice is above the threshold.",
            "weight": None,
        }
    ],
    "quality": {"speech_seconds": 2.8},
    "facts": {
        "container": "mp3",
        "codec": "mp3float",
        "sample_rate": 44_100,
        "channels": 1,
        "duration": 4.0,
        "truncated": False,
    },
    "timings": {"decode": 0.02, "segments": 0.003, "features": 0.01, "score": 0.001},
}
_FAILED_SUMMARY = _QUEUED_SUMMARY | {
    "status": "failed",
    "error": problem_body("audio_too_short", {"found": 0.1, "limit": 0.5}),
    "finished_at": "2026-11-23T10:00:01Z",
}
_IN_BATCH = {"links": _QUEUED_SUMMARY["links"] | {"batch": f"{_HOST}/predict/batch/{_BATCH}"}}
_REFUSED = dict.fromkeys(_QUEUED_SUMMARY) | {
    "filename": "notes.txt",
    "status": "failed",
    "error": problem_body("unsupported_format", {"found": "text"}),
    "created_at": "2026-11-23T10:00:00Z",
    "finished_at": "2026-11-23T10:00:00Z",
    "links": {"batch": f"{_HOST}/predict/batch/{_BATCH}"},
}


def _batch(status: str, finished: int, *results: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": _BATCH,
        "status": status,
        "total": len(results),
        "finished": finished,
        "created_at": "2026-11-23T10:00:00Z",
        "results": list(results),
        "links": {"self": f"{_HOST}/predict/batch/{_BATCH}"},
    }


def _example(name: str, value: dict[str, Any], *statuses: str) -> OpenApiExample:
    return OpenApiExample(name, value=value, response_only=True, status_codes=list(statuses))


DONE = _example("Judged", _DONE_SUMMARY | _EVIDENCE, "200")
QUEUED = _example("Not judged yet", _QUEUED_SUMMARY | _NO_EVIDENCE | {"ahead": 3}, "200", "202")
CANCELLED = _example(
    "Cancelled",
    _QUEUED_SUMMARY
    | _NO_EVIDENCE
    | {"status": "cancelled", "error": problem_body("cancelled"), "finished_at": _LATER},
    "200",
)
FAILED = _example("Could not be judged", _FAILED_SUMMARY | _NO_EVIDENCE, "200")
REPORT = OpenApiExample(
    "A report",
    value="%PDF-1.3 ...",
    media_type="application/pdf",
    response_only=True,
    status_codes=["200"],
)
IN_HISTORY = _example("One page", _DONE_SUMMARY, "200")
BATCH_DONE = _example(
    "Finished", _batch("done", 2, _DONE_SUMMARY | _IN_BATCH, _REFUSED), "200", "202"
)
BATCH_RUNNING = _example(
    "Under way", _batch("queued", 1, _QUEUED_SUMMARY | _IN_BATCH, _REFUSED), "200", "202"
)

HEALTHY = _example(
    "Well",
    {
        "status": "ok",
        "version": "0.1.0",
        "database": True,
        "redis": True,
        "workers": 2,
        "model_version": "voicetell-2026.11",
    },
    "200",
)
DEGRADED = _example(
    "Redis is away",
    {
        "status": "degraded",
        "version": "0.1.0",
        "database": True,
        "redis": False,
        "workers": 0,
        "model_version": "voicetell-2026.11",
    },
    "503",
)
MODEL = _example(
    "Champion",
    {
        "model_version": "voicetell-2026.11",
        "model_type": "LogisticRegression",
        "schema": "voicetell-1",
        "features": 200,
        "threshold": 0.8,
        "real_threshold": 0.3,
        "artifact_sha256": _SHA256,
        "trained_at": "2026-11-20T12:00:00Z",
        "registered_at": "2026-11-23T09:00:00Z",
        "champion_since": "2026-11-23T09:00:00Z",
        "metrics": {"eer": 0.2},
        "card": {"purpose": "Tells human from synthetic speech."},
    },
    "200",
)
_COUNTS = {
    "by_status": {"queued": 1, "running": 0, "done": 40, "failed": 2, "cancelled": 0},
    "by_verdict": {"REAL": 25, "FAKE": 10, "INCONCLUSIVE": 5},
}
METRICS = _example(
    "Figures",
    {
        "model_version": "voicetell-2026.11",
        "model": {"overall": {"eer": 0.2}, "slices": {}},
        "predictions": {"last_24h": _COUNTS, "total": _COUNTS},
        "median_latency_seconds": 0.12,
        "queue_depth": 1,
        "workers": 2,
    },
    "200",
)
