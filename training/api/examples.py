"""Examples of answers for the OpenAPI description."""

from typing import Any

from drf_spectacular.utils import OpenApiExample

from detector.api.problems import problem_body

_ID = "0b9a7f62-58a4-4f7f-9d0f-2f6f6f1b7c11"
_SAMPLE: dict[str, Any] = {
    "id": _ID,
    "filename": "call-17.wav",
    "label": "fake",
    "state": "waiting",
    "source": "call centre, session 17",
    "speaker": "",
    "generator": "acme-tts-3",
    "language": "en",
    "origin": "api",
    "added_by": "curator@example.org",
    "created_at": "2026-11-23T10:00:00Z",
    "decided_at": None,
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "size": 48_044,
    "duration": 4.0,
    "extraction": "done",
    "error": None,
    "verdict": "REAL",
    "probability": 0.31,
    "model_version": "voicetell-2026.11",
    "disagreement": 1,
    "recording": "5a1f0d55-7a3c-4f43-8a39-8a1b8c5c2b10",
    "links": {"self": f"https://voicetell.example.org/api/v1/samples/{_ID}"},
}
_ADDED: dict[str, Any] = {
    "total": 2,
    "added": 1,
    "duplicates": 0,
    "refused": 1,
    "waiting": 1,
    "results": [
        {
            "filename": "call-17.wav",
            "status": "added",
            "sample": _ID,
            "label": "fake",
            "state": "waiting",
            "error": None,
        },
        {
            "filename": "notes.txt",
            "status": "refused",
            "sample": None,
            "label": None,
            "state": None,
            "error": problem_body("unsupported_format", {"found": "text"}),
        },
    ],
}


def _example(name: str, value: Any, status: str = "200") -> OpenApiExample:
    return OpenApiExample(name, value=value, response_only=True, status_codes=[status])


_ARCHIVE: dict[str, Any] = {
    "id": _ID,
    "filename": "calls.zip",
    "state": "queued",
    "total": 800,
    "done": 0,
    "added": 0,
    "duplicates": 0,
    "refused": 0,
    "waiting": 0,
    "error": None,
    "created_at": "2026-11-23T10:00:00Z",
    "links": {
        "self": f"https://voicetell.example.org/api/v1/samples/archive/{_ID}",
        "files": f"https://voicetell.example.org/api/v1/samples/archive/{_ID}/files",
    },
}
_UNPACKING = {"state": "running", "done": 300, "added": 296, "duplicates": 3, "refused": 1}
ARCHIVE_TAKEN = _example("It waits", _ARCHIVE, "202")
ARCHIVE = _example("It is being unpacked", _ARCHIVE | _UNPACKING)
ARCHIVED_FILES = _example("A page", _ADDED["results"][0])
ADDED = _example("One kept, one refused", _ADDED)
SAMPLES = _example("A page", _SAMPLE)
SAMPLE = _example(
    "A sample",
    _SAMPLE
    | {
        "opinions": [
            {
                "person": "curator@example.org",
                "label": "fake",
                "note": "",
                "at": "2026-11-23T10:00:00Z",
            }
        ],
        "facts": {"container": "wav", "codec": "pcm_s16le", "duration": 4.0},
    },
)
REVIEWED = _example("Two samples", {"changed": 2})
FEEDBACK = _example("Kept for review", {"sample": _ID, "status": "added"}, "201")

_RUN: dict[str, Any] = {
    "id": _ID,
    "name": "retrained-2026.11.23-0b9a7f",
    "state": "running",
    "step": "outer_folds",
    "percent": 31,
    "seconds_left": 240,
    "model_type": "auto",
    "search_size": "normal",
    "target_fpr": 0.02,
    "promote_policy": "if_gate_passes",
    "seed": 1,
    "include_original_data": True,
    "samples": {"REAL": 40, "FAKE": 60},
    "snapshot_sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "started_by": "owner@example.org",
    "attempts": 1,
    "created_at": "2026-11-23T10:00:00Z",
    "started_at": "2026-11-23T10:00:01Z",
    "finished_at": None,
    "version": None,
    "gate_passed": None,
    "error": None,
    "links": {
        "self": f"https://voicetell.example.org/api/v1/runs/{_ID}",
        "cancel": f"https://voicetell.example.org/api/v1/runs/{_ID}/cancel",
    },
}
_DONE = _RUN | {
    "state": "done",
    "step": "register",
    "percent": 100,
    "seconds_left": None,
    "finished_at": "2026-11-23T10:06:10Z",
    "version": _RUN["name"],
    "gate_passed": True,
}

STARTED = _example("Queued", _RUN | {"state": "queued", "step": None, "percent": 0}, "202")
RUNS = _example("A page", _DONE)
CANCELLING = _example("It ends in a moment", _RUN, "202")
RUN = _example(
    "Done",
    _DONE
    | {
        "log": [{"at": "2026-11-23T10:00:01Z", "text": "gather the rows"}],
        "gate": {
            "passed": True,
            "champion": "voicetell-2026.11",
            "clips": 871,
            "checks": [
                {
                    "figure": "eer",
                    "slice": "",
                    "clips": 871,
                    "groups": 41,
                    "champion": 0.131,
                    "challenger": 0.127,
                    "low": -0.021,
                    "high": 0.012,
                    "p": 0.66,
                    "worse": False,
                }
            ],
        },
        "metrics": {"overall": {"eer": 0.127}, "intervals": {"eer": [0.05, 0.19]}},
        "protocol": {"outer_folds": {"auc": 0.83}, "leaky_folds": {"auc": 0.91}},
    },
)
STATUS = _example(
    "Training",
    {
        "status": "training",
        "is_training": True,
        "progress": 31,
        "message": "search and test in outer folds",
        "waiting": 0,
        "new_files": {"REAL": 40, "FAKE": 60, "total": 100},
        "run": _RUN,
    },
)

_VERSION = {
    "name": "voicetell-2026.11.4",
    "model_type": "neural_networks",
    "schema": "voicetell-1",
    "artifact_sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "created_at": "2026-11-23T10:00:00Z",
    "aliases": ["champion"],
    "figures": {"eer": 0.136, "fpr": 0.014, "auc": 0.929},
}
VERSIONS = _example("A page", _VERSION)
_VERSION_DETAIL = _VERSION | {
    "gate": None,
    "manifest": {"format": 1, "threshold": 0.83, "real_threshold": 0.5, "seed": 1},
}
VERSION = _example("A version", _VERSION_DETAIL)
IMPORTED = _example("Registered", _VERSION_DETAIL | {"aliases": []}, "201")
EXPORTED = OpenApiExample(
    "A ZIP file", value="PK...", response_only=True, media_type="application/zip"
)
