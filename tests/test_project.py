"""What must hold for the repository as a whole."""

import hashlib
import re
import tomllib

import pytest
from django.conf import settings
from django.core.management import call_command

ROOT = settings.BASE_DIR


def names_in(group):
    """Names of the packages that pyproject.toml asks for."""
    return {re.match(r"[\w.-]+", requirement)[0] for requirement in group}


def test_every_model_has_its_migrations(db):
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_the_api_is_described_without_a_warning(tmp_path):
    call_command("spectacular", file=str(tmp_path / "schema.yml"), validate=True, fail_on_warn=True)


def test_every_dependency_has_its_reason_in_one_line():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    extras = project["project"]["optional-dependencies"].values()
    groups = (project["project"]["dependencies"], project["dependency-groups"]["dev"], *extras)
    asked_for = set().union(*map(names_in, groups))
    lines = (ROOT / "docs" / "dependencies.md").read_text().splitlines()
    reasons = dict(re.findall(r"^\| `([\w.-]+)` \| (.+) \|$", "\n".join(lines), re.MULTILINE))

    assert set(reasons) == asked_for


@pytest.mark.parametrize("path", sorted((ROOT / "docs").glob("*.md")), ids=lambda path: path.name)
def test_links_of_the_docs_lead_somewhere(path):
    text = path.read_text()
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text):
        assert (path.parent / target).exists(), f"{path.name}: {target}"


def test_vendored_files_are_those_that_the_table_names():
    folder = ROOT / "static" / "vendor"
    table = dict(
        re.findall(
            r"^\| `([^`]+)`.*`([0-9a-f]{64})` \|$", (folder / "README.md").read_text(), re.MULTILINE
        )
    )
    found = {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and path.name not in ("LICENSE", "README.md")
    }

    assert found == table
