"""Following a prediction or a batch as it changes."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils.dateparse import parse_datetime
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from redis.exceptions import RedisError
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.models import Scope
from detector.api.permissions import caller
from detector.api.problems import ProblemError
from detector.api.schema import Responses, problems
from detector.api.serializers.batches import BatchBody
from detector.api.serializers.predictions import PredictionBody, PredictionSummary
from detector.api.streams import MEDIA_TYPE, RENDERERS, Event, stream
from detector.models import FINISHED, Prediction
from detector.selectors import batch_of, batch_predictions, prediction_of

OVERLAP = timedelta(seconds=10)
"""A worker writes when it finished a moment before others can see it. What finished so shortly
before the last event may be told twice after a reconnect, rather than never."""

LAST_EVENT_ID = OpenApiParameter(
    "Last-Event-ID",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="The last `id` that was received; what came before is not told again.",
)


def _responses(example: str) -> Responses:
    text = OpenApiExample("Until the end", value=example, media_type=MEDIA_TYPE)
    return {
        (200, MEDIA_TYPE): OpenApiResponse(OpenApiTypes.ANY, "Events, as they happen.", [text]),
        204: OpenApiResponse(None, "The last event has been received; do not connect again."),
        **problems(
            "not_authenticated",
            "invalid_token",
            "scope_missing",
            "role_missing",
            "one_time_password",
            "not_found",
            "not_acceptable",
            "too_many_streams",
            "unavailable",
        ),
    }


class _EventsView(APIView):
    scopes = {"GET": (Scope.PREDICT, Scope.READ)}
    renderer_classes = RENDERERS


class PredictionEventsView(_EventsView):
    """One prediction."""

    @extend_schema(
        operation_id="prediction_events",
        summary="Follow a prediction",
        parameters=[LAST_EVENT_ID],
        responses=_responses(
            'id: running\nevent: running\ndata: {"id":"7f0a…","status":"running",…}\n\n'
            'id: done\nevent: done\ndata: {"id":"7f0a…","status":"done","verdict":"FAKE",…}\n\n'
        ),
    )
    def get(self, request: Request, prediction_id: UUID) -> HttpResponseBase:
        """Send the prediction, as GET of it would, at once and at each change of its status.

        Events are named by the status; `done`, `failed` and `cancelled` are the last. A stream
        lasts five minutes at most; connect again then.
        """
        person = caller(request)
        row = prediction_of(person, prediction_id)
        if row is None:
            raise NotFound
        told = request.headers.get("Last-Event-ID", "")
        if row.is_finished and told == row.status:
            return HttpResponse(status=204)

        def look() -> list[Event]:
            nonlocal told
            now = prediction_of(person, prediction_id)
            if now is None:  # deleted meanwhile
                return [Event("deleted", "deleted", {"id": str(prediction_id)}, is_last=True)]
            if now.status == told:
                return []
            told = now.status
            body = PredictionBody(now, context={"request": request}).data
            return [Event(now.status, now.status, body, is_last=now.is_finished)]

        return _stream(look, [prediction_id])


class BatchEventsView(_EventsView):
    """All of a batch."""

    @extend_schema(
        operation_id="batch_events",
        summary="Follow a batch",
        parameters=[LAST_EVENT_ID],
        responses=_responses(
            "id: 2026-11-23T10:00:01+00:00\nevent: prediction\n"
            'data: {"id":"7f0a…","status":"done","verdict":"FAKE",…}\n\n'
            'id: done\nevent: done\ndata: {"id":"b1c7…","status":"done","total":2,"finished":2}\n\n'
        ),
    )
    def get(self, request: Request, batch_id: UUID) -> HttpResponseBase:
        """Send each result as soon as it is there, as `prediction`, and at the end `done`.

        Results that are there already come first. After a reconnect a result may come twice.
        """
        batch = batch_of(caller(request), batch_id)
        if batch is None:
            raise NotFound
        last = request.headers.get("Last-Event-ID", "")
        if last == "done":
            return HttpResponse(status=204)
        since = _moment(last)
        told: set[UUID] = set()

        def look() -> list[Event]:
            batch.refresh_from_db(fields=["files"])
            body = BatchBody(batch, context={"request": request}).data
            rows = batch_predictions(batch).filter(status__in=FINISHED)
            if since:
                rows = rows.filter(finished_at__gte=since - OVERLAP)
            new = [row for row in rows.order_by("finished_at") if row.pk not in told]
            told.update(row.pk for row in new)
            events = [Event("prediction", _id(row), _summary(row, request)) for row in new]
            if batch.files and body["status"] == "done":
                end = {name: body[name] for name in ("id", "status", "total", "finished")}
                events.append(Event("done", "done", end, is_last=True))
            return events

        ids = batch.predictions.values_list("pk", flat=True)
        return _stream(look, list(ids))


def _summary(row: Prediction, request: Request) -> dict[str, Any]:
    return PredictionSummary(row, context={"request": request}).data


def _id(row: Prediction) -> str:
    assert row.finished_at is not None
    return row.finished_at.isoformat()


def _moment(last_event_id: str) -> datetime | None:
    """Read an id of ours; what is none counts as nothing received."""
    try:
        found = parse_datetime(last_event_id)
    except ValueError:
        return None
    return found if found and found.tzinfo else None


def _stream(look: Any, ids: list[UUID]) -> HttpResponseBase:
    try:
        return stream(look, prediction_ids=ids)
    except RedisError as error:
        raise ProblemError("unavailable") from error
