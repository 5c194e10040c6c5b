"""Training runs: starting, watching, cancelling."""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.parsers import FormParser, JSONParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from accounts.models import Scope
from detector.api.permissions import caller
from detector.api.problems import ProblemError
from detector.api.schema import accepted, answer, problems
from detector.messages import problem_text
from training.api import examples
from training.api.serializers import runs as bodies
from training.api.views.shared import (
    CALLER_PROBLEMS,
    OBJECT_PROBLEMS,
    TeamList,
    described_list,
    found,
)
from training.models import RunState, TrainingRun
from training.selectors.runs import current_run, find_run, runs, waiting_before
from training.selectors.samples import trainable_counts
from training.services.runs import RunRefusedError, cancel_run, start_run
from training.steps import STEPS

_STATUS = {
    RunState.QUEUED: "queued",
    RunState.RUNNING: "training",
    RunState.DONE: "completed",
    RunState.FAILED: "failed",
    RunState.CANCELLED: "cancelled",
}


class RetrainView(APIView):
    """Starting a run."""

    # Programs of the original system send a form as often as JSON.
    parser_classes = [JSONParser, FormParser, MultiPartParser]
    scopes = {"POST": (Scope.TRAIN,)}

    @extend_schema(
        operation_id="retrain",
        summary="Start a training run",
        request=bodies.RunRequest,
        responses={
            202: accepted(bodies.RunSummary, examples.STARTED),
            **problems(
                *CALLER_PROBLEMS,
                "invalid_request",
                "parse_error",
                "too_few_samples",
                "too_few_of_a_class",
                "nothing_new",
            ),
        },
    )
    def post(self, request: Request) -> Response:
        """Freeze the samples that may train and queue a run on them.

        One run runs at a time. It ends with a new version, which is compared with the champion on
        clips that neither learned from; `promote_policy` says whether it takes its place if it is
        not worse.
        """
        asked = bodies.RunRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        try:
            run = start_run(actor=caller(request), **asked.validated_data)
        except RunRefusedError as error:
            raise ProblemError(error.code, **error.params) from error
        body = bodies.RunSummary(run, context={"request": request})
        location = reverse("training-api:run", [run.pk], request=request)
        return Response(
            body.data, status.HTTP_202_ACCEPTED, headers={"Location": location, "Retry-After": "5"}
        )


class RetrainStatusView(APIView):
    """How training stands."""

    scopes = {"GET": (Scope.LABEL,)}

    @extend_schema(
        operation_id="retrain_status",
        summary="How training stands",
        responses={
            200: answer(bodies.RetrainStatus, "As it stands.", examples.STATUS),
            **problems(*CALLER_PROBLEMS),
        },
    )
    def get(self, request: Request) -> Response:
        """Return the run that runs, else the one that is next, else the last that ended."""
        run = current_run()
        body = {
            "status": _STATUS[RunState(run.state)] if run else "idle",
            "is_training": bool(run and run.state == RunState.RUNNING),
            "progress": run.percent if run else 0,
            "message": _message(run),
            "waiting": waiting_before(run) if run and run.state == RunState.QUEUED else 0,
            "new_files": trainable_counts(),
            "run": run,
        }
        return Response(bodies.RetrainStatus(body, context={"request": request}).data)


@described_list("runs", "Training runs, newest first", bodies.RunSummary, examples.RUNS)
class RunsView(TeamList[TrainingRun]):
    """All runs."""

    scopes = {"GET": (Scope.LABEL,)}
    rows = staticmethod(runs)
    serializer_class = bodies.RunSummary


class RunView(APIView):
    """One run."""

    scopes = {"GET": (Scope.LABEL,)}

    @extend_schema(
        operation_id="run",
        summary="One training run",
        responses={200: answer(bodies.RunBody, "As it stands.", examples.RUN), **OBJECT_PROBLEMS},
    )
    def get(self, request: Request, run_id: UUID) -> Response:
        """Return a run with its log, its evaluation and the gate's checks."""
        return Response(bodies.RunBody(found(find_run(run_id)), context={"request": request}).data)


class CancelRunView(APIView):
    """Ending a run early."""

    scopes = {"POST": (Scope.TRAIN,)}

    @extend_schema(
        operation_id="cancel_run",
        summary="Cancel a training run",
        request=None,
        responses={
            202: accepted(bodies.RunSummary, examples.CANCELLING),
            **OBJECT_PROBLEMS,
            **problems("run_ended"),
        },
    )
    def post(self, request: Request, run_id: UUID) -> Response:
        """End a run that waits at once, one that runs within a second or two."""
        run = found(find_run(run_id))
        if not cancel_run(run=run, actor=caller(request)):
            raise ProblemError("run_ended", state=run.state)
        body = bodies.RunSummary(found(find_run(run_id)), context={"request": request})
        return Response(body.data, status.HTTP_202_ACCEPTED)


def _message(run: TrainingRun | None) -> str:
    if run is None:
        return "No run has been started yet."
    if run.error_code:
        return problem_text(run.error_code, run.error_params)
    if run.state == RunState.RUNNING and run.step:
        return str(STEPS[run.step][0])
    if run.state == RunState.DONE and run.version:
        return f"{run.version.name} was made."
    return str(run.get_state_display())
