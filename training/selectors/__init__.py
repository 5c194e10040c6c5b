"""Reads."""

from training.selectors.registry import version_for

__all__ = ["version_for"]
