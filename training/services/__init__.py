"""Writes."""

from training.services.registry import BundleError, promote, register_version

__all__ = ["BundleError", "promote", "register_version"]
