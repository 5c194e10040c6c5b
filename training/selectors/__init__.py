"""Reads."""

from training.selectors.registry import find_version, version_for

__all__ = ["find_version", "version_for"]
