"""What is written down of each prediction that ends: a line of the performance log, and counters.

The names of clips and people are not in it.
"""

import logging
from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from detector.models import Prediction
from operations.counts import PREDICTION_SECONDS, PREDICTIONS, STAGE_SECONDS

log = logging.getLogger("voicetell.performance")


def prediction_ended(prediction: Prediction, status: str, result: Mapping[str, Any]) -> None:
    """Count a prediction that has just ended, and write how long it took.

    Parameters
    ----------
    result : mapping
        What was written into its row: `verdict`, `error_code`, `model_version`, `timings`.
    """
    verdict, error = str(result.get("verdict", "")), str(result.get("error_code", ""))
    seconds = (timezone.now() - prediction.created_at).total_seconds()
    timings: Mapping[str, float] = result.get("timings", {})
    PREDICTIONS.add(str(status), verdict, error)
    PREDICTION_SECONDS.observe(seconds)
    for stage, spent in timings.items():
        STAGE_SECONDS.add(stage, amount=spent)
    version = result.get("model_version")
    log.info(
        "prediction %s %s after %.3f s",
        prediction.pk,
        status,
        seconds,
        extra={
            "prediction": str(prediction.pk),
            "clip": str(prediction.clip_id),
            "status": str(status),
            "verdict": verdict,
            "error": error,
            "model": version.name if version else "",
            "seconds": round(seconds, 4),
            "timings": {stage: round(spent, 5) for stage, spent in timings.items()},
            "attempts": prediction.attempts,
        },
    )
