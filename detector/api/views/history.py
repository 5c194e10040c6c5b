"""What was asked before: the history, one prediction, and deleting its clip."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import Scope
from detector.api import examples
from detector.api.paging import HistoryPage
from detector.api.permissions import caller
from detector.api.problems import ProblemError
from detector.api.schema import answer, problems
from detector.api.serializers.predictions import PredictionBody, PredictionSummary
from detector.filters import PredictionFilter
from detector.models import Prediction, Status
from detector.report import report_response
from detector.selectors import EVIDENCE, prediction_of, predictions_of
from detector.services import delete_clip

OBJECT_PROBLEMS = problems("not_authenticated", "invalid_token", "scope_missing", "not_found")


class HistoryView(ListAPIView[Prediction]):
    """The caller's predictions."""

    scopes = {"GET": (Scope.READ,)}
    queryset = Prediction.objects.none()
    serializer_class = PredictionSummary
    filter_backends = [DjangoFilterBackend]
    filterset_class = PredictionFilter
    pagination_class = HistoryPage

    def get_queryset(self) -> QuerySet[Prediction]:
        """Return what is the caller's, without the long columns."""
        return predictions_of(caller(self.request)).defer(*EVIDENCE)

    @extend_schema(
        operation_id="predictions",
        summary="The history, newest first",
        responses={
            200: answer(PredictionSummary(many=True), "One page.", examples.IN_HISTORY),
            **problems("invalid_request", "not_authenticated", "invalid_token", "scope_missing"),
        },
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Return your predictions page by page; follow `next` until it is null."""
        return super().get(request, *args, **kwargs)


class ReportView(APIView):
    """The report of one prediction of the caller."""

    scopes = {"GET": (Scope.PREDICT, Scope.READ)}

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        """Answer with PDF whatever is asked for: there is nothing else here."""
        return super().perform_content_negotiation(request, force=True)

    @extend_schema(
        operation_id="prediction_report",
        summary="The report of one prediction",
        responses={
            (200, "application/pdf"): answer(OpenApiTypes.BINARY, "A PDF.", examples.REPORT),
            **problems(
                "not_authenticated", "invalid_token", "scope_missing", "not_found", "not_judged"
            ),
        },
    )
    def get(self, request: Request, prediction_id: UUID) -> HttpResponse:
        """Return a PDF with verdict, waveform, spectrogram, timeline, facts, method and limits."""
        row = prediction_of(caller(request), prediction_id)
        if row is None:
            raise NotFound
        if row.status != Status.DONE:
            raise ProblemError("not_judged")
        return report_response(request, row)


class PredictionView(APIView):
    """One prediction of the caller."""

    scopes = {"GET": (Scope.PREDICT, Scope.READ), "DELETE": (Scope.PREDICT,)}

    @extend_schema(
        operation_id="prediction",
        summary="One prediction",
        responses={
            200: answer(
                PredictionBody, "As it stands.", examples.DONE, examples.QUEUED, examples.FAILED
            ),
            **OBJECT_PROBLEMS,
        },
    )
    def get(self, request: Request, prediction_id: UUID) -> Response:
        """Return a prediction in whatever state it is; a failed one says why in `error`."""
        row = self._row(request, prediction_id)
        return Response(PredictionBody(row, context={"request": request}).data)

    @extend_schema(
        operation_id="delete_prediction",
        summary="Delete a clip",
        responses={204: answer(None, "Its audio is gone."), **OBJECT_PROBLEMS},
    )
    def delete(self, request: Request, prediction_id: UUID) -> Response:
        """Delete the clip: its audio goes from storage and its predictions from the history."""
        row = self._row(request, prediction_id)
        delete_clip(clip=row.clip, actor=caller(request))
        return Response(status=204)

    def _row(self, request: Request, prediction_id: UUID) -> Prediction:
        row = prediction_of(caller(request), prediction_id)
        if row is None:
            raise NotFound
        return row
