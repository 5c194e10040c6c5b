"""Samples: adding, listing, reviewing, and corrections of verdicts."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import ApiToken, Scope
from detector.api.paging import HistoryPage
from detector.api.permissions import caller
from detector.api.problems import ProblemError
from detector.api.schema import answer, problems
from detector.api.views.uploads import UploadView
from detector.selectors import prediction_of
from training.api import examples
from training.api.serializers import samples as bodies
from training.filters import SampleFilter
from training.models import Origin, Sample
from training.selectors.samples import find_sample, samples
from training.services.archive import add_described, import_archive
from training.services.review import Decision, review_samples
from training.services.samples import (
    About,
    Entry,
    add_samples,
    describe_sample,
    give_opinion,
    report_wrong_verdict,
)

CALLER_PROBLEMS = (
    "not_authenticated",
    "invalid_token",
    "permission_denied",
    "role_missing",
    "scope_missing",
)
UPLOAD_PROBLEMS = (
    *CALLER_PROBLEMS,
    "invalid_request",
    "parse_error",
    "length_required",
    "unsupported_media_type",
    "batch_too_large",
    "too_many_files",
)
OBJECT_PROBLEMS = problems(*CALLER_PROBLEMS, "not_found")


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
        request={"multipart/form-data": bodies.ArchiveUpload},
        responses={
            200: answer(bodies.AddedFiles, "What became of each file.", examples.ADDED),
            **problems(
                *UPLOAD_PROBLEMS,
                "archive_unreadable",
                "archive_encrypted",
                "archive_unsafe",
                "archive_too_many",
                "archive_too_large",
                "manifest_missing",
                "manifest_unreadable",
            ),
        },
    )
    def post(self, request: Request) -> Response:
        """Keep the clips of a ZIP archive as its `manifest.csv` describes them.

        The manifest has the columns `file` and `label`, and any of `source`, `speaker`,
        `generator` and `language`. Each file is answered as by `/retrain/add-files`.
        """
        upload = bodies.ArchiveUpload(data=request.data)
        upload.is_valid(raise_exception=True)
        outcomes = import_archive(
            actor=caller(request),
            file=upload.validated_data["file"],
            confirmed=_confirmed(request, upload.validated_data["confirm"]),
        )
        return Response(bodies.AddedFiles(list(outcomes)).data)


class SamplesView(ListAPIView[Sample]):
    """All samples."""

    scopes = {"GET": (Scope.LABEL,)}
    queryset = Sample.objects.none()
    serializer_class = bodies.SampleSummary
    filter_backends = [DjangoFilterBackend]
    filterset_class = SampleFilter
    pagination_class = HistoryPage

    def get_queryset(self) -> QuerySet[Sample]:
        """Return the team's samples; they belong to nobody alone."""
        return samples()

    @extend_schema(
        operation_id="samples",
        summary="Samples, newest first",
        responses={
            200: answer(bodies.SampleSummary(many=True), "A page.", examples.SAMPLES),
            **problems(*CALLER_PROBLEMS, "invalid_request"),
        },
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Return samples page by page; follow `next` until it is null."""
        return super().get(request, *args, **kwargs)


class SampleView(APIView):
    """One sample."""

    scopes = {"GET": (Scope.LABEL,), "PATCH": (Scope.LABEL,)}

    @extend_schema(
        operation_id="sample",
        summary="One sample",
        responses={200: answer(bodies.SampleBody, "As it stands.", examples.SAMPLE)}
        | OBJECT_PROBLEMS,
    )
    def get(self, request: Request, sample_id: UUID) -> Response:
        """Return a sample with what people say of it."""
        return _sample(request, _found(sample_id))

    @extend_schema(
        operation_id="describe_sample",
        summary="Say more about a sample",
        request=bodies.SampleFacts,
        responses={
            200: answer(bodies.SampleBody, "As it stands now.", examples.SAMPLE),
            **problems(
                *CALLER_PROBLEMS, "not_found", "invalid_request", "parse_error", "value_unprintable"
            ),
        },
    )
    def patch(self, request: Request, sample_id: UUID) -> Response:
        """Change source, speaker, generator or language."""
        sample = _found(sample_id)
        facts = bodies.SampleFacts(data=request.data)
        facts.is_valid(raise_exception=True)
        describe_sample(sample=sample, actor=caller(request), **facts.validated_data)
        return _sample(request, _found(sample_id))


class OpinionsView(APIView):
    """What people hear in a sample."""

    scopes = {"POST": (Scope.LABEL,)}

    @extend_schema(
        operation_id="give_opinion",
        summary="Say what you hear in a sample",
        request=bodies.Opinion,
        responses={
            200: answer(bodies.SampleBody, "The sample with your opinion.", examples.SAMPLE),
            **problems(*CALLER_PROBLEMS, "not_found", "invalid_request", "parse_error"),
        },
    )
    def post(self, request: Request, sample_id: UUID) -> Response:
        """Keep your opinion in place of an earlier one; it decides nothing."""
        sample = _found(sample_id)
        opinion = bodies.Opinion(data=request.data)
        opinion.is_valid(raise_exception=True)
        give_opinion(sample=sample, person=caller(request), **opinion.validated_data)
        return _sample(request, _found(sample_id))


class ReviewView(APIView):
    """Decisions about samples."""

    scopes = {"POST": (Scope.LABEL,)}

    @extend_schema(
        operation_id="review_samples",
        summary="Confirm, relabel, exclude, restore or delete samples",
        request=bodies.Review,
        responses={
            200: answer(bodies.Reviewed, "How many there were.", examples.REVIEWED),
            **problems(
                *CALLER_PROBLEMS,
                "invalid_request",
                "parse_error",
                "label_missing",
                "too_many_samples",
            ),
        },
    )
    def post(self, request: Request) -> Response:
        """Apply one decision to one sample or many; ids that are gone are passed over."""
        review = bodies.Review(data=request.data)
        review.is_valid(raise_exception=True)
        decided = dict(review.validated_data)
        changed = review_samples(
            ids=decided.pop("samples"),
            actor=caller(request),
            decision=Decision(decided.pop("decision")),
            **decided,
        )
        return Response({"changed": changed})


class FeedbackView(APIView):
    """Corrections of a verdict."""

    scopes = {"POST": (Scope.PREDICT,)}

    @extend_schema(
        operation_id="feedback",
        summary="This verdict was wrong",
        request=bodies.Feedback,
        responses={
            201: answer(bodies.FeedbackTaken, "Kept for review.", examples.FEEDBACK),
            **problems(
                *CALLER_PROBLEMS,
                "not_found",
                "invalid_request",
                "parse_error",
                "not_judged",
                "not_a_correction",
                "audio_erased",
                "value_unprintable",
            ),
        },
    )
    def post(self, request: Request, prediction_id: UUID) -> Response:
        """Keep a copy of your clip as a sample, with what it really is, for somebody to review."""
        prediction = prediction_of(caller(request), prediction_id)
        if prediction is None:
            raise NotFound
        feedback = bodies.Feedback(data=request.data)
        feedback.is_valid(raise_exception=True)
        outcome = report_wrong_verdict(
            prediction=prediction, actor=caller(request), **feedback.validated_data
        )
        assert outcome.sample is not None
        status = "added" if outcome.is_new else "duplicate"
        return Response({"sample": str(outcome.sample.pk), "status": status}, status=201)


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


def _found(sample_id: UUID) -> Sample:
    sample = find_sample(sample_id)
    if sample is None:
        raise NotFound
    return sample


def _sample(request: Request, sample: Sample) -> Response:
    return Response(bodies.SampleBody(sample, context={"request": request}).data)
