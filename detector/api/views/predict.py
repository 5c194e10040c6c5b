"""Sending clips: one, or a batch. Both wait a while for the verdict and then answer 202."""

import logging
import time
from uuid import UUID

from django.conf import settings
from django.http import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from redis.exceptions import RedisError
from rest_framework.exceptions import NotFound
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import Scope
from detector import wakeup
from detector.api import examples
from detector.api.parsers import RECORDINGS
from detector.api.permissions import caller
from detector.api.preferences import Preference, preference
from detector.api.problems import ProblemError, ProblemResponse
from detector.api.schema import PREFER, RAW_OPTIONS, accepted, answer, problems
from detector.api.serializers.batches import BatchBody
from detector.api.serializers.predictions import PredictionBody
from detector.api.serializers.uploads import BatchUpload, ClipUpload
from detector.api.views.uploads import UploadView
from detector.api.wishes import wishes_of
from detector.models import Prediction, Status
from detector.selectors import batch_of, prediction_of, unfinished_in
from detector.services import submit_batch, submit_clip

log = logging.getLogger(__name__)

POLL_SECONDS = "1"
"""`Retry-After` of an answer that comes before the verdict."""

UPLOAD_PROBLEMS = (
    "invalid_request",
    "parse_error",
    "not_authenticated",
    "invalid_token",
    "permission_denied",
    "scope_missing",
    "length_required",
    "unsupported_media_type",
    "url_refused",
    "unknown_version",
    "fpr_not_available",
    "internal_error",
    "unavailable",
    "storage_unavailable",
)


CLIP_PROBLEMS = (
    "file_too_large",
    "empty_file",
    "unsupported_format",
    "no_audio",
    "decode_failed",
    "too_many_channels",
    "unsupported_rate",
    "not_finite",
    "audio_too_short",
    "audio_too_long",
    "decoder_crashed",
    "decoder_memory",
    "decoder_timeout",
    "queue_full",
    "cancelled",
    "worker_lost",
    "judging_timeout",
    "audio_missing",
    "no_model",
)
"""What may be wrong with one clip, found before or after the answer 202."""

CLIP = {
    "multipart/form-data": ClipUpload,
    "audio/*": OpenApiTypes.BINARY,
    "video/*": OpenApiTypes.BINARY,
    "application/octet-stream": OpenApiTypes.BINARY,
}


class PredictView(UploadView):
    """One clip."""

    parser_classes = [MultiPartParser, *RECORDINGS]
    scopes = {"POST": (Scope.PREDICT,)}

    @extend_schema(
        operation_id="predict",
        summary="Judge a clip",
        parameters=[PREFER, *RAW_OPTIONS],
        request=CLIP,
        responses={
            200: answer(PredictionBody, "The verdict.", examples.DONE),
            202: accepted(PredictionBody, examples.QUEUED),
            **problems(*UPLOAD_PROBLEMS, *CLIP_PROBLEMS),
        },
    )
    def post(self, request: Request) -> HttpResponseBase:
        """Store a clip, judge it, and answer with the verdict as soon as there is one.

        Waits as long as `Prefer` says (10 s unless the operator set something else) and then
        answers 202; follow `Location`. A clip that cannot be judged is answered with the problem.
        """
        files = request.FILES.getlist("file")
        if len(files) > 1:
            raise ProblemError("one_file_only")
        upload = self.read(ClipUpload, request, file=files[0] if files else None)
        file = upload["file"]
        wish = preference(request.headers.get("Prefer", ""))
        prediction = submit_clip(
            owner=caller(request), file=file, name=file.name, wishes=wishes_of(upload)
        )
        return verdict_or_promise(request, prediction, wish)


class BatchView(UploadView):
    """Many clips at once."""

    scopes = {"POST": (Scope.PREDICT,)}
    too_large = "batch_too_large"

    def body_limit(self) -> int:
        """Return how many bytes of files one request may hold."""
        limit: int = settings.MAX_BATCH_BYTES
        return limit

    @extend_schema(
        operation_id="predict_batch",
        summary="Judge many clips",
        parameters=[PREFER],
        request={"multipart/form-data": BatchUpload},
        responses={
            200: answer(BatchBody, "All files have their answer.", examples.BATCH_DONE),
            202: accepted(BatchBody, examples.BATCH_RUNNING),
            **problems(*UPLOAD_PROBLEMS, "batch_too_large", "too_many_files"),
        },
    )
    def post(self, request: Request) -> Response:
        """Store many clips and judge them; each file is answered by itself.

        A file that is refused does not stop the others: its result holds the problem. Waits as
        `/predict` does, for all of them together.
        """
        upload = self.read(BatchUpload, request, files=request.FILES.getlist("files") or None)
        wish = preference(request.headers.get("Prefer", ""))
        batch = submit_batch(owner=caller(request), files=upload["files"], wishes=wishes_of(upload))
        deadline = time.monotonic() + wish.seconds
        while time.monotonic() < deadline and (waiting := unfinished_in(batch)):
            if not _wait(waiting, until=deadline):
                break
        body = BatchBody(batch, context={"request": request}).data
        if body["status"] == "done":
            return Response(body, headers=wish.headers)
        return _accepted(body, wish.headers)


class BatchStateView(APIView):
    """A batch that was sent."""

    scopes = {"GET": (Scope.PREDICT, Scope.READ)}

    @extend_schema(
        operation_id="batch",
        summary="How far a batch is",
        responses={
            200: answer(BatchBody, "The batch.", examples.BATCH_RUNNING, examples.BATCH_DONE),
            **problems("not_authenticated", "invalid_token", "scope_missing", "not_found"),
        },
    )
    def get(self, request: Request, batch_id: UUID) -> Response:
        """Return a batch with one result a file, in the order of the upload."""
        batch = batch_of(caller(request), batch_id)
        if batch is None:
            raise NotFound
        return Response(BatchBody(batch, context={"request": request}).data)


def verdict_or_promise(
    request: Request, prediction: Prediction, wish: Preference
) -> HttpResponseBase:
    """Wait as long as is wished for and answer with the verdict, the problem, or 202."""
    if wish.seconds:
        _wait(prediction, until=time.monotonic() + wish.seconds)

    row = prediction_of(caller(request), prediction.pk)
    if row is None:  # deleted while it was waited for
        raise NotFound
    body = PredictionBody(row, context={"request": request}).data
    if row.status in (Status.FAILED, Status.CANCELLED):
        return ProblemResponse(
            request,
            row.error_code,
            row.error_params,
            headers=wish.headers,
            id=body["id"],
            links=body["links"],
        )
    if row.status == Status.DONE:
        return Response(body, headers=wish.headers)
    return _accepted(body, wish.headers)


def _wait(prediction: Prediction, *, until: float) -> bool:
    """Wait for a prediction; False without Redis, when nobody can be woken."""
    try:
        wakeup.wait_until_finished(prediction, seconds=until - time.monotonic())
    except RedisError:
        log.warning("Redis out of reach; not waiting for prediction %s", prediction.pk)
        return False
    return True


def _accepted(body: dict[str, object], headers: dict[str, str]) -> Response:
    links = body["links"]
    assert isinstance(links, dict)
    return Response(
        body,
        status=202,
        headers={"Location": links["self"], "Retry-After": POLL_SECONDS, **headers},
    )
