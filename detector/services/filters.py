"""Writes: filters of the history that a person keeps."""

from accounts.models import User
from detector.models import SavedFilter


def save_filter(*, owner: User, name: str, query: str) -> SavedFilter:
    """Keep a filter of the history under a name; a name that is there gets the new one."""
    saved, _ = SavedFilter.objects.update_or_create(
        owner=owner, name=name, defaults={"query": query}
    )
    return saved


def drop_filter(*, saved: SavedFilter) -> None:
    """Forget a kept filter."""
    saved.delete()
