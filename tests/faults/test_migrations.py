"""Old code serves on while the schema is already new: migrations add, and take nothing away."""

import re

import pytest
from django.db import models
from django.db.migrations import operations
from django.db.migrations.loader import MigrationLoader
from django.db.models.fields import NOT_PROVIDED

from config.migrating import OnlyNamed

LAST_OF_2026_11 = {"accounts": 3, "detector": 8, "training": 6, "webhooks": 1}
"""Numbers up to which migrations were made before this was promised."""

NARROWED = {}
"""Migrations that old code does not survive, and why that was accepted: name to reason."""

TAKES_AWAY = (
    operations.DeleteModel,
    operations.RemoveField,
    operations.RenameField,
    operations.RenameModel,
    operations.AlterModelTable,
)


def harm(operation: operations.base.Operation) -> str:
    """Why code that does not know of an operation would fail after it; empty if it would not."""
    if isinstance(operation, operations.SeparateDatabaseAndState):
        return next(filter(None, map(harm, operation.database_operations)), "")
    if isinstance(operation, TAKES_AWAY):
        return "takes away or renames what old code asks for"
    if isinstance(operation, operations.AddField):
        field = operation.field
        given = field.null or field.many_to_many or field.db_default is not NOT_PROVIDED
        return "" if given else f"{operation.name} has no value where old code gives none"
    if isinstance(operation, operations.RunSQL):
        words = re.search(r"(?i)\b(drop\s+(table|column)|rename)\b", str(operation.sql))
        return f"the statement says {words[0]!r}" if words else ""
    return ""


def newer():
    """Migrations of ours after the promise."""
    found = MigrationLoader(None).disk_migrations
    for (app, name), migration in sorted(found.items()):
        is_ours = migration.__module__.split(".")[0] == app
        if is_ours and int(name[:4]) > LAST_OF_2026_11.get(app, 0):
            yield f"{app}.{name}", migration


def test_no_migration_harms_the_code_that_still_runs():
    harms = {
        name: found
        for name, migration in newer()
        if (found := [reason for reason in map(harm, migration.operations) if reason])
    }
    assert harms.keys() == NARROWED.keys(), harms


def known_to_a_database(field):
    """What of a field makes a difference there."""
    _, path, arguments, options = field.deconstruct()
    return path, arguments, {k: v for k, v in options.items() if k not in field.non_db_attrs}


def test_what_only_names_changes_nothing_that_a_database_knows():
    loader, checked = MigrationLoader(None), 0
    for key, migration in loader.disk_migrations.items():
        named = [found for found in migration.operations if isinstance(found, OnlyNamed)]
        if not named:
            continue
        before, after = (
            loader.project_state(key, at_end=at_end).models for at_end in (False, True)
        )
        for change in (change for operation in named for change in operation.state_operations):
            if isinstance(change, operations.AlterModelOptions):
                continue  # names and an order
            assert isinstance(change, operations.AlterField), change.describe()
            model = (key[0], change.model_name_lower)
            old, new = (models[model].fields[change.name] for models in (before, after))
            assert known_to_a_database(old) == known_to_a_database(new), (*model, change.name)
            checked += 1
    assert checked > 100


@pytest.mark.parametrize(
    ("operation", "is_harmful"),
    [
        (operations.AddField("clip", "x", models.TextField(null=True)), False),
        (operations.AddField("clip", "x", models.TextField(db_default="")), False),
        (operations.AddField("clip", "x", models.TextField(default="")), True),
        (operations.RemoveField("clip", "x"), True),
        (operations.RenameField("clip", "x", "y"), True),
        (operations.RunSQL("ALTER TABLE a RENAME COLUMN b TO c"), True),
        (operations.RunSQL("CREATE INDEX a ON b (c)"), False),
    ],
)
def test_what_counts_as_harm(operation, is_harmful):
    assert bool(harm(operation)) is is_harmful
