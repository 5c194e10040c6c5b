"""The Dockerfile and the compose file: what can be said of them without an engine.

How an image was built and run is in docs/deployment.md.
"""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings

from config.stack.site import Site, parts
from operations.settings_table import settings_table

ROOT = Path(settings.BASE_DIR)
OF_OTHERS = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ENDPOINT_URL"}
"""Read by the library that talks to S3."""


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]


@pytest.fixture(scope="module")
def ours(services: dict[str, Any]) -> dict[str, Any]:
    return {name: service for name, service in services.items() if "build" in service}


def test_every_part_runs_and_starts_when_what_it_needs_is_there(ours: dict[str, Any]) -> None:
    names = set(parts(Site("127.0.0.1", 8000, 1)))
    assert set(ours) == names | {"setup"}
    for name in names:
        assert ours[name]["command"][:2] == ["part", name]
        needed = {other: how["condition"] for other, how in ours[name]["depends_on"].items()}
        assert needed == {
            "setup": "service_completed_successfully",
            "postgres": "service_healthy",
            "redis": "service_healthy",
        }


def test_a_part_may_do_as_little_as_possible(ours: dict[str, Any]) -> None:
    for service in ours.values():
        assert service["read_only"]
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]


def test_no_secret_is_written_down(services: dict[str, Any]) -> None:
    for service in services.values():
        for name, value in service.get("environment", {}).items():
            if re.search("SECRET|PASSWORD|TOKEN|KEY", name):
                assert re.fullmatch(r"/run/secrets/\w+|\$\{\w+:-\}", value), name


def test_settings_are_named_as_they_are_read(ours: dict[str, Any]) -> None:
    known = set(re.findall(r"^\| `(\w+)` ", settings_table(), re.MULTILINE)) | OF_OTHERS
    names = {name for service in ours.values() for name in service["environment"]}
    names |= set(re.findall(r"\b(VOICETELL_\w+)=", (ROOT / "Dockerfile").read_text()))
    assert {name.removesuffix("_FILE") for name in names - {"VOICETELL_ALIVE_FILE"}} <= known


def test_the_image_runs_as_nobody_special_and_has_what_the_code_is() -> None:
    stages = (ROOT / "Dockerfile").read_text().split("\nFROM ")
    assert "apt-get install --yes --no-install-recommends ca-certificates python3 \\" in stages[-1]
    assert "\nUSER 10001:10001\n" in stages[-1]
    assert "HEALTHCHECK" in stages[-1]
    taken = re.findall(r"^!([\w.-]+)$", (ROOT / ".dockerignore").read_text(), re.MULTILINE)
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests"}
    assert packages <= set(taken)
