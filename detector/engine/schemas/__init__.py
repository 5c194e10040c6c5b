"""The feature schemas, by name."""

from detector.engine.schemas import deepvoice, ssl, voicetell
from detector.engine.schemas.schema import Schema, SchemaError, Windows

__all__ = ["Schema", "SchemaError", "Windows", "get", "names"]

_SCHEMAS = {
    schema.name: schema for schema in (deepvoice.SCHEMA, voicetell.SCHEMA, voicetell.SCHEMA_2)
}


def names() -> tuple[str, ...]:
    """Names of all schemas of our own: those that need nothing from outside."""
    return tuple(_SCHEMAS)


def get(name: str) -> Schema:
    """Return the schema of that name: one of `names`, or ``ssl:`` and an encoder from outside.

    Raises
    ------
    KeyError
        No schema has that name.
    SchemaError
        The encoder cannot be loaded.
    """
    if name.startswith(ssl.PREFIX):
        return ssl.schema(name)
    return _SCHEMAS[name]
