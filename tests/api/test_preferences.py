"""The `Prefer` header: what is understood is done, the rest is ignored."""

import pytest

from detector.api.preferences import preference


@pytest.mark.parametrize(
    ("header", "seconds", "applied"),
    [
        ("", 7.5, ""),
        ("respond-async", 0, "respond-async"),
        ("Respond-Async; x=1", 0, "respond-async"),
        ("wait=5", 5, "wait=5"),
        ('wait="5"', 5, "wait=5"),
        ("wait=0", 0, "wait=0"),
        ("wait=61", 60, "wait=60"),
        ("respond-async, wait=5", 5, "respond-async, wait=5"),
        ("wait=5, wait=9", 5, "wait=5"),
        ("wait=-1", 7.5, ""),
        ("wait=soon", 7.5, ""),
        ("wait=" + "9" * 5000, 7.5, ""),
        ("handling=lenient", 7.5, ""),
        (",,;=", 7.5, ""),
    ],
)
def test_prefer(header: str, seconds: float, applied: str, settings: object) -> None:
    settings.PREDICT_WAIT_SECONDS = 7.5
    found = preference(header)
    assert (found.seconds, found.applied) == (seconds, applied)
    assert found.headers == ({"Preference-Applied": applied} if applied else {})
