"""Taking back what was asked for and is not done yet."""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound, PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import Scope
from detector.api import examples
from detector.api.permissions import caller
from detector.api.problems import ProblemError
from detector.api.schema import answer, problems
from detector.api.serializers.batches import BatchBody
from detector.api.serializers.predictions import PredictionBody
from detector.selectors import batch_of, batch_predictions, prediction_of
from detector.services import cancel

PROBLEMS = ("not_authenticated", "invalid_token", "scope_missing", "not_found")


class CancelView(APIView):
    """One prediction of the caller."""

    scopes = {"POST": (Scope.PREDICT,)}

    @extend_schema(
        operation_id="cancel_prediction",
        summary="Cancel a prediction",
        request=None,
        responses={
            200: answer(PredictionBody, "It is cancelled.", examples.CANCELLED),
            **problems(*PROBLEMS, "already_finished"),
        },
    )
    def post(self, request: Request, prediction_id: UUID) -> Response:
        """End a prediction that waits or runs, without a verdict. The clip is kept."""
        row = prediction_of(caller(request), prediction_id)
        if row is None:
            raise NotFound
        if row.owner_id != caller(request).pk:
            raise PermissionDenied
        if not cancel(row):
            row.refresh_from_db(fields=["status"])
            raise ProblemError("already_finished", found=row.status)
        row = prediction_of(caller(request), prediction_id)
        return Response(PredictionBody(row, context={"request": request}).data)


class CancelBatchView(APIView):
    """A batch of the caller."""

    scopes = {"POST": (Scope.PREDICT,)}

    @extend_schema(
        operation_id="cancel_batch",
        summary="Cancel what is left of a batch",
        request=None,
        responses={
            200: answer(BatchBody, "Nothing in it waits any more.", examples.BATCH_DONE),
            **problems(*PROBLEMS),
        },
    )
    def post(self, request: Request, batch_id: UUID) -> Response:
        """End all predictions of a batch that wait or run; those that are done stay."""
        batch = batch_of(caller(request), batch_id)
        if batch is None:
            raise NotFound
        if batch.owner_id != caller(request).pk:
            raise PermissionDenied
        for row in batch_predictions(batch):
            if not row.is_finished:
                cancel(row)
        return Response(BatchBody(batch, context={"request": request}).data)
