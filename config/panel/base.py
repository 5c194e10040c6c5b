"""What the panel's lists share: they show, and change nothing."""

import re
from collections.abc import Callable
from typing import Any

from django.db.models import JSONField
from django.forms import Media
from django.http import HttpRequest
from django.utils.safestring import SafeString, mark_safe
from unfold.admin import ModelAdmin


def without_styles(html: SafeString) -> SafeString:
    """Take away the style attributes, by which unfold colours JSON and which the policy forbids."""
    return mark_safe(re.sub(r' style="[^"]*"', "", html))  # noqa: S308 - it was safe before


class ReadOnlyAdmin(ModelAdmin):  # type: ignore[misc]  # unfold has no types
    """Rows to look at. What changes them are services, with their checks and audit rows."""

    actions = None
    list_per_page = 50
    compressed_fields = True

    @property
    def readonly_preprocess_fields(self) -> dict[str, Callable[[SafeString], SafeString]]:
        """What unfold does to what it shows of a field."""
        fields = self.opts.concrete_fields
        return {field.name: without_styles for field in fields if isinstance(field, JSONField)}

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
