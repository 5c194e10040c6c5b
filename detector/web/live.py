"""Parts of pages that load themselves while something in them is still being judged."""

import hashlib
from collections.abc import Iterable

from detector.models import Prediction


def fingerprint(predictions: Iterable[Prediction]) -> str | None:
    """Tell how a list stands, or None once nothing in it can change any more.

    A part of a page sends back the fingerprint that it shows; while that is still right, the
    answer is an empty 204 and the page is left alone.
    """
    rows = list(predictions)
    if all(row.is_finished for row in rows):
        return None
    text = " ".join(f"{row.pk}:{row.status}" for row in rows)
    return hashlib.sha256(text.encode()).hexdigest()[:12]
