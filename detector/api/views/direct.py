"""Uploads straight into S3: the leave to send one, and its verdict."""

from typing import Any
from uuid import UUID

from django.http import HttpResponseBase
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.parsers import JSONParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from accounts.models import Scope
from detector import direct
from detector.api import examples
from detector.api.fields import TextField
from detector.api.permissions import caller
from detector.api.preferences import preference
from detector.api.schema import PREFER, accepted, answer, problems
from detector.api.serializers.predictions import PredictionBody
from detector.api.views.predict import CLIP_PROBLEMS, UPLOAD_PROBLEMS, verdict_or_promise
from detector.api.wishes import WishFields, wishes_of
from detector.models import DirectUpload


class UploadRequest(serializers.Serializer[Any]):
    """Which file is to be sent."""

    filename = TextField(max_length=255, help_text="As it will be shown.")


class UploadBody(serializers.Serializer[Any]):
    """Where to send it, and what to ask then."""

    id = serializers.UUIDField()
    url = serializers.URLField(help_text="POST a form to it.")
    fields = serializers.DictField(  # type: ignore[assignment]  # a field here
        child=serializers.CharField(),
        help_text="The form's fields; after them comes the file, as `file`.",
    )
    expires_at = serializers.DateTimeField(help_text="Until then it can be sent and judged.")
    links = inline_serializer("UploadLinks", {"predict": serializers.URLField()})


_ID = "2c9d3f1e-7a54-4f0e-9d43-0d3f3f6a8a11"
_UPLOAD = OpenApiExample(
    "Leave to send",
    value={
        "id": _ID,
        "url": "https://s3.eu-central-1.amazonaws.com/voicetell",
        "fields": {"key": f"uploads/{_ID}", "policy": "eyJ…", "x-amz-signature": "9c0f…"},
        "expires_at": "2026-11-23T10:15:00Z",
        "links": {"predict": f"https://voicetell.example.org/api/v1/uploads/{_ID}/predict"},
    },
    response_only=True,
    status_codes=["201"],
)


class UploadsView(APIView):
    """The leave."""

    scopes = {"POST": (Scope.PREDICT,)}
    parser_classes = [JSONParser]

    @extend_schema(
        operation_id="begin_upload",
        summary="Upload straight into S3",
        request=UploadRequest,
        responses={
            201: answer(UploadBody, "Where to send the file.", _UPLOAD),
            **problems(*UPLOAD_PROBLEMS, "no_direct_upload", "queue_full"),
        },
    )
    def post(self, request: Request) -> Response:
        """Get the leave to send one file to the storage, for 15 minutes. Only where S3 is set up.

        POST the fields and after them the file to `url`, then ask `links.predict`.
        """
        wish = UploadRequest(data=request.data)
        wish.is_valid(raise_exception=True)
        upload, form = direct.begin_upload(
            owner=caller(request), name=wish.validated_data["filename"]
        )
        predict = reverse("api:upload-predict", args=[upload.pk], request=request)
        body = {
            "id": upload.pk,
            "url": form.url,
            "fields": form.fields,
            "expires_at": upload.expires_at,
            "links": {"predict": predict},
        }
        return Response(UploadBody(body).data, status=201, headers={"Cache-Control": "no-store"})


class UploadPredictView(APIView):
    """Its verdict."""

    scopes = {"POST": (Scope.PREDICT,)}
    parser_classes = [JSONParser]

    @extend_schema(
        operation_id="predict_upload",
        summary="Judge an upload",
        parameters=[PREFER],
        request=WishFields,
        responses={
            200: answer(PredictionBody, "The verdict.", examples.DONE),
            202: accepted(PredictionBody, examples.QUEUED),
            **problems(*UPLOAD_PROBLEMS, *CLIP_PROBLEMS, "nothing_uploaded", "not_found"),
        },
    )
    def post(self, request: Request, upload_id: UUID) -> HttpResponseBase:
        """Judge the file that was sent to the storage, as `/predict` does.

        It is examined and copied now; nothing that the sender said of it is trusted.
        """
        upload = DirectUpload.objects.filter(
            pk=upload_id, owner=caller(request), expires_at__gt=timezone.now()
        ).first()
        if upload is None:
            raise NotFound
        options = WishFields(data=request.data)
        options.is_valid(raise_exception=True)
        prediction = direct.submit_upload(upload=upload, wishes=wishes_of(options.validated_data))
        return verdict_or_promise(
            request, prediction, preference(request.headers.get("Prefer", ""))
        )
