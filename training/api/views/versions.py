"""Model versions: listing, promoting, rolling back, moving between sites."""

from collections.abc import Callable

from django.http import FileResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import Scope
from detector.api.permissions import caller
from detector.api.problems import ProblemError
from detector.api.schema import answer, problems
from detector.api.views.uploads import UploadView
from training.api import examples
from training.api.serializers import versions as bodies
from training.api.views.shared import CALLER_PROBLEMS, TeamList, described_list, found
from training.models import AliasName, ModelVersion
from training.selectors import version_for
from training.selectors.gates import gate_report
from training.selectors.versions import versions
from training.services import BundleError
from training.services.exchange import MOST_BYTES, export_version, import_version
from training.services.promotion import (
    PromotionError,
    promote_by_gate,
    roll_back,
    set_challenger,
)

READERS = {"GET": (Scope.READ, Scope.LABEL, Scope.TRAIN)}
TRAINERS = {"POST": (Scope.TRAIN,)}


@described_list(
    "versions_list", "Model versions, the newest first", bodies.VersionSummary, examples.VERSIONS
)
class VersionsView(TeamList[ModelVersion]):
    """All versions, with their figures."""

    scopes = READERS
    rows = staticmethod(versions)
    serializer_class = bodies.VersionSummary


class VersionView(APIView):
    """One version."""

    scopes = READERS

    @extend_schema(
        operation_id="version",
        summary="A model version with its manifest and the gate's report",
        responses={
            200: answer(bodies.VersionDetail, "The version.", examples.VERSION),
            **problems(*CALLER_PROBLEMS, "not_found"),
        },
    )
    def get(self, request: Request, name: str) -> Response:
        """Return all that is known of a version."""
        return Response(bodies.VersionDetail(_described(name)).data)


class PromoteView(APIView):
    """Make a version champion."""

    scopes = TRAINERS

    @extend_schema(
        operation_id="version_promote",
        summary="Make a version champion",
        description="Without a passing gate against the present champion, a reason is needed.",
        request=bodies.Reason,
        responses={
            200: answer(bodies.VersionDetail, "It judges from now on.", examples.VERSION),
            **problems(
                *CALLER_PROBLEMS,
                "invalid_request",
                "not_found",
                "already_champion",
                "gate_not_passed",
                "artifact_changed",
            ),
        },
    )
    def post(self, request: Request, name: str) -> Response:
        """Promote by the gate, or in spite of it."""
        version, reason = _find(name), _reason(request)
        _move(lambda: promote_by_gate(version=version, actor=caller(request), reason=reason))
        return Response(bodies.VersionDetail(_described(name)).data)


class ChallengeView(APIView):
    """Let a version score in shadow."""

    scopes = TRAINERS

    @extend_schema(
        operation_id="version_challenge",
        summary="Let a version score live clips in the champion's shadow",
        request=None,
        responses={
            200: answer(bodies.VersionDetail, "It is the challenger.", examples.VERSION),
            **problems(*CALLER_PROBLEMS, "not_found", "already_champion", "artifact_changed"),
        },
    )
    def post(self, request: Request, name: str) -> Response:
        """Make it the challenger."""
        version = _find(name)
        _move(lambda: set_challenger(version=version, actor=caller(request)))
        return Response(bodies.VersionDetail(_described(name)).data)


class RollBackView(APIView):
    """Go back."""

    scopes = TRAINERS

    @extend_schema(
        operation_id="versions_roll_back",
        summary="Make the former champion champion again",
        request=bodies.Reason,
        responses={
            200: answer(bodies.VersionDetail, "The version that judges now.", examples.VERSION),
            **problems(*CALLER_PROBLEMS, "invalid_request", "no_previous", "artifact_changed"),
        },
    )
    def post(self, request: Request) -> Response:
        """Roll back."""
        reason = _reason(request)
        _move(lambda: roll_back(actor=caller(request), reason=reason))
        champion = version_for(AliasName.CHAMPION)
        assert champion is not None
        return Response(bodies.VersionDetail(_described(champion.name)).data)


class ExportView(APIView):
    """A version as a file."""

    scopes = {"GET": (Scope.TRAIN,)}

    @extend_schema(
        operation_id="version_export",
        summary="A version as one file",
        responses={
            (200, "application/zip"): answer(OpenApiTypes.BINARY, "The file.", examples.EXPORTED),
            **problems(*CALLER_PROBLEMS, "not_found", "artifact_changed"),
        },
    )
    def get(self, request: Request, name: str) -> FileResponse:
        """Send the file."""
        version = _find(name)
        try:
            file = export_version(version=version, actor=caller(request))
        except BundleError as error:
            raise ProblemError("artifact_changed", found=name) from error
        return FileResponse(
            file, as_attachment=True, filename=f"{name}.zip", content_type="application/zip"
        )


class ImportView(UploadView):
    """A version from another site."""

    scopes = TRAINERS
    too_large = "request_too_large"

    def body_limit(self) -> int:
        """Return how many bytes the request may hold."""
        return sum(MOST_BYTES.values())

    @extend_schema(
        operation_id="versions_import",
        summary="Register a version from its exported file",
        request={"multipart/form-data": bodies.VersionUpload},
        responses={
            201: answer(
                bodies.VersionDetail, "The version; no alias points at it yet.", examples.IMPORTED
            ),
            **problems(
                *CALLER_PROBLEMS,
                "invalid_request",
                "length_required",
                "request_too_large",
                "bundle_refused",
            ),
        },
    )
    def post(self, request: Request) -> Response:
        """Check the file before anything of it is loaded, and register what is in it."""
        upload = bodies.VersionUpload(data=request.data)
        upload.is_valid(raise_exception=True)
        try:
            version = import_version(file=upload.validated_data["file"], actor=caller(request))
        except BundleError as error:
            raise ProblemError("bundle_refused", why=str(error)) from error
        return Response(bodies.VersionDetail(_described(version.name)).data, status=201)


def _find(name: str) -> ModelVersion:
    return found(ModelVersion.objects.filter(name=name).first())


def _described(name: str) -> ModelVersion:
    """Return a version with what its body shows beyond its columns."""
    version = found(versions().defer(None).filter(name=name).first())
    champion = version_for(AliasName.CHAMPION)
    version.gate = gate_report(version, champion) if champion else None  # type: ignore[attr-defined]
    return version


def _reason(request: Request) -> str:
    body = bodies.Reason(data=request.data)
    body.is_valid(raise_exception=True)
    return str(body.validated_data["reason"])


def _move(move: Callable[[], object]) -> None:
    try:
        move()
    except PromotionError as error:
        raise ProblemError(error.code, **error.params) from error
