"""The history as a file."""

from typing import Any

from django.http import HttpResponseBase
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request

from accounts.models import Scope
from detector.api.permissions import caller
from detector.api.schema import problems
from detector.export import FORMATS, export_response
from detector.filters import PredictionFilter
from detector.models import Prediction
from detector.selectors import predictions_of

_EXAMPLES = {
    "csv": "id,filename,status,verdict,...\r\n7f0a5c2e-...,voicemail.mp3,done,FAKE,...\r\n",
    "jsonl": '{"id": "7f0a5c2e-...", "filename": "voicemail.mp3", "verdict": "FAKE"}\n',
    "parquet": "PAR1...",
}


class ExportView(GenericAPIView[Prediction]):
    """What the caller sees, as one file."""

    scopes = {"GET": (Scope.READ,)}
    queryset = Prediction.objects.none()
    filter_backends = [DjangoFilterBackend]
    filterset_class = PredictionFilter

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        """Let the address choose the form; `Accept` is about problems here."""
        return super().perform_content_negotiation(request, force=True)

    @extend_schema(
        operation_id="export_predictions",
        summary="The history as a file",
        filters=True,
        parameters=[
            OpenApiParameter("format", OpenApiTypes.STR, enum=sorted(FORMATS), default="csv")
        ],
        responses={
            **{
                (200, media_type): OpenApiResponse(
                    OpenApiTypes.BINARY,
                    "The file, as long as it takes.",
                    [
                        OpenApiExample(
                            name,
                            value=_EXAMPLES[name],
                            media_type=media_type,
                            response_only=True,
                            status_codes=["200"],
                        )
                    ],
                )
                for name, (media_type, _) in FORMATS.items()
            },
            **problems("invalid_request", "not_authenticated", "invalid_token", "scope_missing"),
        },
    )
    def get(self, request: Request) -> HttpResponseBase:
        """Stream your predictions, newest first, narrowed down as the history is."""
        kind = request.query_params.get("format", "csv")
        if kind not in FORMATS:
            raise ValidationError({"format": [f"One of {', '.join(sorted(FORMATS))}."]})
        narrowed = self.filter_queryset(predictions_of(caller(request)))
        return export_response(narrowed, kind=kind, actor=caller(request))
