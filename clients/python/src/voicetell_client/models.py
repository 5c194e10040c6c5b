"""What the server answers, typed. `raw` holds the whole answer, newer fields among it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Json = dict[str, Any]
FINISHED = ("done", "failed", "cancelled")


@dataclass(frozen=True)
class Fault:
    """Why a clip was refused or could not be judged."""

    code: str
    title: str
    detail: str


@dataclass(frozen=True)
class Segment:
    """A window of the clip: seconds, what it holds, and the probability of FAKE in it alone."""

    start: float
    end: float
    kind: str
    score: float | None
    probability: float | None


@dataclass(frozen=True)
class Reason:
    """One reason for the verdict; `weight` is its share of the score, positive for FAKE."""

    code: str
    text: str
    weight: float | None


@dataclass(frozen=True)
class Prediction:
    """What was said of a clip.

    `id` is None where a file of a batch was refused; then `error` says why. In lists `segments`
    and `reasons` are empty: ask for the prediction itself.
    """

    id: str | None
    filename: str
    status: str
    verdict: str | None
    confidence: float | None
    probability: float | None
    score: float | None
    threshold: float | None
    model_version: str | None
    sha256: str | None
    created_at: datetime
    finished_at: datetime | None
    error: Fault | None
    segments: tuple[Segment, ...]
    reasons: tuple[Reason, ...]
    raw: Json = field(repr=False, compare=False)

    @property
    def is_finished(self) -> bool:
        """Whether nothing about it will change any more."""
        return self.status in FINISHED

    @classmethod
    def from_json(cls, body: Json) -> "Prediction":
        """Read an answer; fields that this version does not know stay in `raw`."""
        error = body.get("error")
        return cls(
            id=body["id"],
            filename=body["filename"],
            status=body["status"],
            verdict=body["verdict"],
            confidence=body["confidence"],
            probability=body["probability"],
            score=body["score"],
            threshold=body["threshold"],
            model_version=body["model_version"],
            sha256=body["sha256"],
            created_at=moment(body["created_at"]),
            finished_at=moment(body["finished_at"]) if body["finished_at"] else None,
            error=Fault(error["code"], error["title"], error["detail"]) if error else None,
            segments=tuple(
                Segment(s["start"], s["end"], s["kind"], s["score"], s["probability"])
                for s in body.get("segments") or ()
            ),
            reasons=tuple(
                Reason(r["code"], r["text"], r["weight"]) for r in body.get("reasons") or ()
            ),
            raw=body,
        )


def moment(text: str) -> datetime:
    """Read a time as the server writes it."""
    return datetime.fromisoformat(text)
