"""The feature schemas, by name."""

from detector.engine.schemas import deepvoice, voicetell
from detector.engine.schemas.schema import Schema, Windows

__all__ = ["Schema", "Windows", "get", "names"]

_SCHEMAS = {schema.name: schema for schema in (deepvoice.SCHEMA, voicetell.SCHEMA)}


def names() -> tuple[str, ...]:
    """Names of all schemas."""
    return tuple(_SCHEMAS)


def get(name: str) -> Schema:
    """Return the schema of that name.

    Raises
    ------
    KeyError
        No schema has that name.
    """
    return _SCHEMAS[name]
