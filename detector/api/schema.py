"""Pieces of the OpenAPI description that all views share."""

from itertools import groupby
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse

from detector.api.problems import MEDIA_TYPE, problem_body
from detector.api.serializers.problems import Problem
from detector.messages import PROBLEMS

Responses = dict[Any, OpenApiResponse]

PREFER = OpenApiParameter(
    "Prefer",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="`respond-async`: answer 202 at once. `wait=N`: wait N seconds, 60 at most.",
    examples=[
        OpenApiExample("At once", value="respond-async"),
        OpenApiExample("Within 30 s", value="wait=30"),
    ],
)

RAW_OPTIONS = [
    OpenApiParameter(name, kind, OpenApiParameter.QUERY, description="For a raw body. " + text)
    for name, kind, text in (
        ("filename", OpenApiTypes.STR, "Its name; `Content-Disposition` may hold it as well."),
        ("model", OpenApiTypes.STR, "Name or alias of the version that shall judge."),
        (
            "target_fpr",
            {"type": "number", "format": "double", "minimum": 0.0001, "maximum": 0.5},
            "Wanted share of real clips called FAKE.",
        ),
        ("keep_audio", OpenApiTypes.BOOL, "`false` is zero retention."),
        (
            "retention_days",
            {"type": "integer", "minimum": 1, "maximum": 3650},
            "Days after which the clip is deleted.",
        ),
        ("external_id", OpenApiTypes.STR, "Your own name for the clip."),
        ("metadata", OpenApiTypes.STR, "JSON object of texts."),
    )
]


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Bearer tokens."""

    target_class = "accounts.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """Describe the header."""
        return {"type": "http", "scheme": "bearer", "bearerFormat": "vt_..."}


def answer(body: Any, description: str, *examples: OpenApiExample) -> OpenApiResponse:
    """Describe a success."""
    return OpenApiResponse(body, description, list(examples))


def accepted(body: Any, *examples: OpenApiExample) -> OpenApiResponse:
    """Describe a 202."""
    return answer(
        body, "Not finished yet: ask `Location` again after `Retry-After` seconds.", *examples
    )


def problems(*codes: str) -> Responses:
    """Describe the problems that an operation may be answered with, one response a status."""
    by_status = sorted(codes, key=lambda code: PROBLEMS[code].status)
    return {
        (status, MEDIA_TYPE): OpenApiResponse(
            Problem,
            "; ".join(f"`{code}`: {PROBLEMS[code].title}" for code in group),
            [
                OpenApiExample(
                    code,
                    value=problem_body(code) | {"instance": "/api/v1/"},
                    response_only=True,
                    media_type=MEDIA_TYPE,
                    status_codes=[str(status)],
                )
                for code in group
            ],
        )
        for status, group in (
            (status, list(group))
            for status, group in groupby(by_status, key=lambda code: PROBLEMS[code].status)
        )
    }


_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "Your own name for this request. Sent again with the same body within a day, "
    "it is not done again: the first answer is given once more.",
    "schema": {"type": "string", "pattern": r'^"?[!#-~]{1,255}"?$'},
    "example": "9f1c1f0e-call-4711",
}
_HEADERS = {
    "X-Request-ID": {
        "description": "Name of this request in the server's logs; yours if you sent one.",
        "schema": {"type": "string"},
        "example": "5d1f6a0c6a1b4f0e9d430d3f3f6a8a11",
    },
    "RateLimit": {
        "description": "What is left of the current minute (`r`), and seconds until the next one.",
        "schema": {"type": "string"},
        "example": '"token";r=5999;t=42',
    },
}
_TOO_LONG = {
    "description": "The address is longer than the web server reads, 4094 bytes with the method. "
    "It answers by itself, before the API could: no problem body and none of our headers.",
    "content": {
        "text/html": {
            "schema": {"type": "string"},
            "examples": {"too_long": {"value": "<h1><p>URI Too Long</p></h1>"}},
        },
    },
}


def manners(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Describe what holds for every operation, so that no view can forget to say it."""
    for path in result["paths"].values():
        for method, operation in path.items():
            answers = operation["responses"]
            if {} not in operation.get("security", []) and operation.get("security"):
                _add_problems(answers, "throttled")
            if method == "post":
                operation.setdefault("parameters", []).append(_KEY)
                _add_problems(
                    answers, "idempotency_in_flight", "idempotency_mismatch", "invalid_request"
                )
            for answer in answers.values():
                answer["headers"] = _HEADERS | answer.get("headers", {})
            if any(parameter["in"] == "query" for parameter in operation.get("parameters", [])):
                answers["414"] = _TOO_LONG
    return result


def _add_problems(answers: dict[str, Any], *codes: str) -> None:
    """Add problems to what an operation may answer, beside those that its view names."""
    for code in codes:
        body = problem_body(code) | {"instance": "/api/v1/"}
        said = f"`{code}`: {body['title']}"
        answer = answers.setdefault(str(body["status"]), {"description": ""})
        if said in answer["description"]:
            continue
        answer["description"] = "; ".join(filter(None, [answer["description"], said]))
        content = answer.setdefault("content", {}).setdefault(
            MEDIA_TYPE, {"schema": {"$ref": "#/components/schemas/Problem"}}
        )
        content.setdefault("examples", {})[code] = {"value": body}
