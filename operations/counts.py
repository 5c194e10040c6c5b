"""Everything that is counted as it happens. What can be looked up instead is in `gauges`."""

from operations.tally import Count, Histogram

REQUEST_BOUNDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
CLIP_BOUNDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0)

REQUESTS = Count(
    "voicetell_http_requests", "Requests that were answered.", ("method", "route", "status")
)
REQUEST_SECONDS = Histogram(
    "voicetell_http_request_seconds",
    "Time to the first byte of the answer.",
    REQUEST_BOUNDS,
    ("route",),
)
TASKS = Count("voicetell_tasks", "Tasks that workers have ended.", ("task", "outcome"))
TASK_SECONDS = Histogram(
    "voicetell_task_seconds", "Time that a worker spent on a task.", CLIP_BOUNDS, ("task",)
)
PREDICTIONS = Count(
    "voicetell_predictions", "Predictions that ended.", ("status", "verdict", "error")
)
PREDICTION_SECONDS = Histogram(
    "voicetell_prediction_seconds", "Time from upload to verdict.", CLIP_BOUNDS
)
STAGE_SECONDS = Count(
    "voicetell_judging_stage_seconds", "Time of workers by stage of judging.", ("stage",)
)

COUNTS = (
    REQUESTS,
    REQUEST_SECONDS,
    TASKS,
    TASK_SECONDS,
    PREDICTIONS,
    PREDICTION_SECONDS,
    STAGE_SECONDS,
)
