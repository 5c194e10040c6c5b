"""What can go wrong. Act on `ApiError.code`, which never changes."""

from typing import Any


class VoicetellError(Exception):
    """Everything that this package raises on purpose."""


class NotReachableError(VoicetellError):
    """The server could not be reached, also not after trying again."""


class TooLongError(VoicetellError):
    """There was no verdict within the time that you gave; the server is still at it."""

    def __init__(self, prediction_id: str) -> None:
        super().__init__(f"No verdict yet: ask for prediction {prediction_id} again later.")
        self.prediction_id = prediction_id


class ApiError(VoicetellError):
    """The server answered with a problem (RFC 9457).

    Attributes
    ----------
    status : int
        HTTP status.
    code : str
        Which problem: ``audio_too_short``, ``invalid_token``, ...
    title, detail : str
        Words for people.
    body : dict
        The problem as it came, with `errors` for single fields.
    """

    def __init__(self, status: int, body: dict[str, Any]) -> None:
        self.status = status
        self.body = body
        self.code = str(body.get("code") or f"http_{status}")
        self.title = str(body.get("title") or f"HTTP {status}")
        self.detail = str(body.get("detail") or "")
        super().__init__(f"{self.title}: {self.detail}".rstrip(": "))
