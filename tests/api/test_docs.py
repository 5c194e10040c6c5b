"""The API's description: complete, without warnings, and served from here."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client

from detector.messages import PROBLEMS
from tests.routes import api_routes

DOCS = Path(settings.BASE_DIR, "docs", "api.md")


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    """Make the schema as an operator would, failing on the smallest warning."""
    done = subprocess.run(
        [sys.executable, "manage.py", "spectacular", "--fail-on-warn", "--validate"],
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return yaml.safe_load(done.stdout)


def operations(schema: dict[str, Any]) -> list[dict[str, Any]]:
    return [operation for path in schema["paths"].values() for operation in path.values()]


def test_the_schema_describes_every_route(schema: dict[str, Any]) -> None:
    routes = {"/" + re.sub(r"<\w+:(\w+)>", r"{\1}", route.path) for route in api_routes()}
    assert schema["openapi"].startswith("3.1")
    assert set(schema["paths"]) == routes


def test_every_operation_has_examples_and_documented_problems(schema: dict[str, Any]) -> None:
    for operation in operations(schema):
        name = operation["operationId"]
        for status, response in operation["responses"].items():
            for media, body in response.get("content", {}).items():
                if name != "predictions" or status != "200":
                    assert body.get("examples"), (name, status, media)
        if name != "health":
            problem = operation["responses"]["401"]["content"]["application/problem+json"]
            assert problem["schema"]["$ref"].endswith("/Problem")


def test_the_schema_is_served() -> None:
    response = Client().get("/api/schema/")
    assert response.status_code == 200
    assert b"openapi: 3.1" in response.content
    as_json = Client().get("/api/schema/", headers={"Accept": "application/vnd.oai.openapi+json"})
    assert as_json.json()["openapi"].startswith("3.1")


@pytest.mark.parametrize("page", ["/api/docs/", "/api/redoc/"])
def test_pages_load_nothing_from_elsewhere(page: str) -> None:
    response = Client().get(page)
    assert response.status_code == 200
    html = response.content.decode()
    loaded = re.findall(r'<(?:script|link|img)[^>]+(?:src|href)="([^"]+)"', html)
    assert loaded
    for address in loaded:
        assert address.startswith("/"), address
        if address.startswith(settings.STATIC_URL):
            assert finders.find(address.removeprefix(settings.STATIC_URL)), address
    assert not re.search(r"<script(?![^>]+src=)[^>]*>", html), "an inline script"


def test_the_root_leads_to_the_docs() -> None:
    assert Client().get("/api/")["Location"] == "/api/docs/"


def test_every_address_is_shown_in_the_shell_and_in_python() -> None:
    for section in re.split(r"^##+ ", DOCS.read_text(), flags=re.MULTILINE):
        if re.match(r"(GET|POST|PATCH|DELETE) /", section):
            assert {"sh", "python"} <= set(re.findall(r"^```(\w+)$", section, re.MULTILINE)), (
                section
            )


def test_the_written_page_names_every_address_and_problem(schema: dict[str, Any]) -> None:
    text = DOCS.read_text()
    for path, item in schema["paths"].items():
        for method in item:
            address = re.sub(r"\{\w+\}", "ID", path.removeprefix("/api/v1"))
            assert f"### {method.upper()} {address}\n" in text, (method, address)
    table = [
        f"| {problem.status} | `{code}` | {problem.title} |" for code, problem in PROBLEMS.items()
    ]
    assert sorted(re.findall(r"^\| \d{3} \| `.*$", text, re.MULTILINE)) == sorted(table)
