"""Reads."""

from training.selectors.registry import (
    find_version,
    version_for,
    version_id_for,
    versions_by_name,
)

__all__ = ["find_version", "version_for", "version_id_for", "versions_by_name"]
