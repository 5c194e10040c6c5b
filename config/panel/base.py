"""What the panel's lists share: they show, and change nothing."""

from typing import Any

from django.forms import Media
from django.http import HttpRequest
from unfold.admin import ModelAdmin


class ReadOnlyAdmin(ModelAdmin):  # type: ignore[misc]  # unfold has no types
    """Rows to look at. What changes them are services, with their checks and audit rows."""

    actions = None
    show_full_result_count = False
    list_per_page = 50
    compressed_fields = True

    @property
    def media(self) -> Media:
        """Nothing: Django's scripts for forms, 84 kB, are of no use where nothing is changed."""
        return Media()

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody adds a row here."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody changes one."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody deletes one."""
        return False
