"""Adding samples: files with their labels, and archives."""

from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from accounts.models import ApiToken, Scope
from detector.api.paging import HistoryPage
from detector.api.permissions import caller
from detector.api.problems import ProblemError
from detector.api.schema import accepted, answer, problems
from detector.api.views.uploads import UploadView
from training.api import examples
from training.api.serializers import archives as archive_bodies
from training.api.serializers import samples as bodies
from training.api.views.shared import (
    CALLER_PROBLEMS,
    OBJECT_PROBLEMS,
    TeamList,
    described_list,
    found,
)
from training.manifest import About
from training.models import ArchivedFile, Origin
from training.selectors.archives import archived_files, find_archive
from training.services.archives import keep_archive
from training.services.samples import Entry, add_described, add_samples

UPLOAD_PROBLEMS = (
    *CALLER_PROBLEMS,
    "invalid_request",
    "parse_error",
    "length_required",
    "unsupported_media_type",
    "batch_too_large",
    "too_many_files",
)


class SamplesUploadView(UploadView):
    """Files that become samples."""

    scopes = {"POST": (Scope.LABEL,)}
    too_large = "batch_too_large"

    def body_limit(self) -> int:
        """Return how many bytes of files one request may hold."""
        limit: int = settings.MAX_BATCH_BYTES
        return limit


class AddFilesView(SamplesUploadView):
    """Labelled clips."""

    @extend_schema(
        operation_id="retrain_add_files",
        summary="Add labelled clips",
        request={"multipart/form-data": bodies.SampleUpload},
        responses={
            200: answer(bodies.AddedFiles, "What became of each file.", examples.ADDED),
            **problems(*UPLOAD_PROBLEMS, "labels_do_not_fit", "manifest_unreadable"),
        },
    )
    def post(self, request: Request) -> Response:
        """Keep labelled clips for training; each file is answered by itself.

        A file that is refused does not stop the others. Bytes that are there already are not kept
        twice; their label then counts as your opinion of that sample. A sample trains once it is
        confirmed: at once where `confirm` says so or you may start training, else by review.
        """
        upload = bodies.SampleUpload(data=request.data)
        upload.is_valid(raise_exception=True)
        sent = upload.validated_data
        files = sent["files"]
        confirmed = _confirmed(request, sent["confirm"])
        if sent.get("manifest"):
            outcomes = add_described(
                actor=caller(request),
                files=files,
                manifest=sent["manifest"],
                origin=Origin.API,
                confirmed=confirmed,
            )
            return Response(bodies.AddedFiles(outcomes).data)
        if not sent.get("labels"):
            raise ProblemError("labels_do_not_fit", field="labels", found=0, files=len(files))
        columns = {
            name: _for_each(sent.get(field), field, len(files))
            for name, field in (
                ("label", "labels"),
                ("source", "sources"),
                ("speaker", "speakers"),
                ("generator", "generators"),
                ("language", "languages"),
            )
        }
        entries = []
        for place, file in enumerate(files):
            known = {name: values[place].strip() for name, values in columns.items()}
            known["label"] = known["label"].lower()
            entries.append(Entry(file, file.name or "", About(**known)))
        outcomes = add_samples(
            actor=caller(request),
            entries=entries,
            origin=Origin.API,
            confirmed=confirmed,
        )
        return Response(bodies.AddedFiles(outcomes).data)


class ArchiveView(SamplesUploadView):
    """An archive of labelled clips."""

    @extend_schema(
        operation_id="samples_archive",
        summary="Add an archive of labelled clips",
        request={"multipart/form-data": archive_bodies.ArchiveUpload},
        responses={
            202: accepted(archive_bodies.ArchiveBody, examples.ARCHIVE_TAKEN),
            **problems(
                *UPLOAD_PROBLEMS,
                "archive_unreadable",
                "archive_encrypted",
                "archive_unsafe",
                "archive_too_many",
                "archive_too_large",
                "manifest_missing",
                "manifest_unreadable",
                "storage_unavailable",
            ),
        },
    )
    def post(self, request: Request) -> Response:
        """Keep the clips of a ZIP archive as its `manifest.csv` describes them.

        The manifest has the columns `file` and `label`, and any of `source`, `speaker`,
        `generator` and `language`. The archive is looked through at once and unpacked by a
        worker: `Location` says how far it is, and its `files` what became of each.
        """
        upload = archive_bodies.ArchiveUpload(data=request.data)
        upload.is_valid(raise_exception=True)
        archive = keep_archive(
            actor=caller(request),
            file=upload.validated_data["file"],
            confirmed=_confirmed(request, upload.validated_data["confirm"]),
        )
        body = archive_bodies.ArchiveBody(
            found(find_archive(archive.pk)), context={"request": request}
        )
        location = reverse("training-api:archive-state", [archive.pk], request=request)
        return Response(
            body.data, status.HTTP_202_ACCEPTED, headers={"Location": location, "Retry-After": "2"}
        )


class ArchiveStateView(APIView):
    """How far an archive is."""

    scopes = {"GET": (Scope.LABEL,)}

    @extend_schema(
        operation_id="samples_archive_state",
        summary="How far an archive is",
        responses={
            200: answer(archive_bodies.ArchiveBody, "As it stands.", examples.ARCHIVE),
            **OBJECT_PROBLEMS,
        },
    )
    def get(self, request: Request, archive_id: UUID) -> Response:
        """Return how many of its files have been answered, and how."""
        archive = found(find_archive(archive_id))
        return Response(archive_bodies.ArchiveBody(archive, context={"request": request}).data)


class ArchivedFilesPage(HistoryPage):
    """In the order of the manifest; `page_size` up to 200."""

    ordering = ("place",)


@described_list(
    "samples_archive_files",
    "What became of an archive's files",
    archive_bodies.ArchivedFileBody,
    examples.ARCHIVED_FILES,
    "not_found",
)
class ArchivedFilesView(TeamList[ArchivedFile]):
    """The answered files of an archive."""

    scopes = {"GET": (Scope.LABEL,)}
    queryset = ArchivedFile.objects.none()
    serializer_class = archive_bodies.ArchivedFileBody
    pagination_class = ArchivedFilesPage

    def get_queryset(self) -> QuerySet[ArchivedFile]:
        """Return those of the archive in the address."""
        return archived_files(found(find_archive(self.kwargs["archive_id"])))


def _for_each(values: list[str] | None, field: str, files: int) -> list[str]:
    """Spread what was sent over the files: one value for all, or one for each.

    Some clients send a list as one value with commas in it.
    """
    values = values or [""]
    if len(values) == 1 and values[0].count(",") == files - 1:
        values = values[0].split(",")
    if len(values) == 1:
        values = values * files
    if len(values) != files:
        raise ProblemError("labels_do_not_fit", field=field, found=len(values), files=files)
    return values


def _confirmed(request: Request, wish: bool | None) -> bool:
    """Whether labels count as confirmed: as asked for, else where the caller may train."""
    if wish is not None:
        return wish
    token = request.auth
    may = caller(request).may(Scope.TRAIN)
    return may and (not isinstance(token, ApiToken) or token.allows(Scope.TRAIN))
