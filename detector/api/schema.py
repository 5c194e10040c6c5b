"""Pieces of the OpenAPI description that all views share."""

from itertools import groupby
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse

from detector.api.problems import MEDIA_TYPE, problem_body
from detector.api.serializers import Problem
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
        ("target_fpr", OpenApiTypes.FLOAT, "Wanted share of real clips called FAKE."),
        ("keep_audio", OpenApiTypes.BOOL, "`false` is zero retention."),
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
