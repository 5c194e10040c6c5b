"""Samples: listing, reviewing, and corrections of verdicts."""

from uuid import UUID

from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import Scope
from detector.api.permissions import caller
from detector.api.schema import answer, problems
from detector.selectors import prediction_of
from training.api import examples
from training.api.serializers import samples as bodies
from training.api.views.shared import (
    CALLER_PROBLEMS,
    OBJECT_PROBLEMS,
    TeamList,
    described_list,
    found,
)
from training.filters import SampleFilter
from training.models import Sample
from training.selectors.samples import find_sample, samples
from training.services.review import Decision, review_samples
from training.services.samples import (
    describe_sample,
    give_opinion,
    report_wrong_verdict,
)


@described_list("samples", "Samples, newest first", bodies.SampleSummary, examples.SAMPLES)
class SamplesView(TeamList[Sample]):
    """All samples."""

    scopes = {"GET": (Scope.LABEL,)}
    rows = staticmethod(samples)
    serializer_class = bodies.SampleSummary
    filter_backends = [DjangoFilterBackend]
    filterset_class = SampleFilter


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
        return _sample(request, found(find_sample(sample_id)))

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
        sample = found(find_sample(sample_id))
        facts = bodies.SampleFacts(data=request.data)
        facts.is_valid(raise_exception=True)
        describe_sample(sample=sample, actor=caller(request), **facts.validated_data)
        return _sample(request, found(find_sample(sample_id)))


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
        sample = found(find_sample(sample_id))
        opinion = bodies.Opinion(data=request.data)
        opinion.is_valid(raise_exception=True)
        give_opinion(sample=sample, person=caller(request), **opinion.validated_data)
        return _sample(request, found(find_sample(sample_id)))


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
        prediction = found(prediction_of(caller(request), prediction_id))
        feedback = bodies.Feedback(data=request.data)
        feedback.is_valid(raise_exception=True)
        outcome = report_wrong_verdict(
            prediction=prediction, actor=caller(request), **feedback.validated_data
        )
        assert outcome.sample is not None
        status = "added" if outcome.is_new else "duplicate"
        return Response({"sample": str(outcome.sample.pk), "status": status}, status=201)


def _sample(request: Request, sample: Sample) -> Response:
    return Response(bodies.SampleBody(sample, context={"request": request}).data)
