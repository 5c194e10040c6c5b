"""Examples of answers for the OpenAPI description."""

from drf_spectacular.utils import OpenApiExample

_ENDPOINT = {
    "id": "3b2f4a60-9d3c-4f6d-8f0b-1f1d7b6a5c4e",
    "url": "https://hooks.example.org/voicetell",
    "events": ["prediction.done", "prediction.failed"],
    "description": "moderation queue",
    "created_at": "2026-11-23T10:00:00Z",
    "disabled_at": None,
    "disabled_because": "",
    "failing_since": None,
}
_SECRET = {"secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw…"}
_DELIVERY = {
    "id": "0d9e8f7a-6b5c-4d3e-8f1a-0b9c8d7e6f5a",
    "message_id": "msg_0d9e8f7a6b5c4d3e8f1a0b9c8d7e6f5a",
    "event": "prediction.done",
    "status": "delivered",
    "data": {"id": "7f0a5c2e-3a54-4f0e-9d43-0d3f3f6a8a11", "verdict": "FAKE"},
    "created_at": "2026-11-23T10:00:01Z",
    "next_at": None,
    "finished_at": "2026-11-23T10:00:07Z",
    "attempts": [
        {
            "at": "2026-11-23T10:00:02Z",
            "status_code": 503,
            "error": "It answered 503.",
            "excerpt": "busy",
            "seconds": 0.1,
        },
        {
            "at": "2026-11-23T10:00:07Z",
            "status_code": 204,
            "error": "",
            "excerpt": "",
            "seconds": 0.1,
        },
    ],
}

ENDPOINT = OpenApiExample("Switched on", value=_ENDPOINT, response_only=True)
NEW = OpenApiExample("With its secret", value=_ENDPOINT | _SECRET, response_only=True)
ENDPOINTS = OpenApiExample("One endpoint", value={"results": [_ENDPOINT]}, response_only=True)
DELIVERY = OpenApiExample("Delivered at the second try", value=_DELIVERY, response_only=True)
LOG = OpenApiExample(
    "The log",
    value={"next": None, "previous": None, "results": [_DELIVERY]},
    response_only=True,
    status_codes=["200"],
)
