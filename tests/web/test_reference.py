"""The reference pages say what the code does, and the OpenAPI document is complete."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from tests.web.conftest import Office
from web.cli import COMMANDS

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"
WEB = Path(__file__).parents[2] / "web"


def document(office: Office) -> dict[str, Any]:
    found: dict[str, Any] = office.get(None, "openapi.json").get_json()
    return found


def operations(office: Office) -> dict[str, dict[str, Any]]:
    return {
        f"{method.upper()} {path.removeprefix('/api/v1')}": operation
        for path, methods in document(office)["paths"].items()
        for method, operation in methods.items()
    }


def test_the_rest_reference_lists_every_request(office: Office) -> None:
    listed = re.findall(r"^\| `((?:GET|POST|PUT|DELETE) [^`]+)`", (REFERENCE / "rest.md").read_text(), re.M)
    assert sorted(listed) == sorted(operations(office))


def test_the_command_reference_lists_every_command() -> None:
    listed = set(re.findall(r"^\| `planflow ([a-z]+)", (REFERENCE / "cli.md").read_text(), re.M))
    assert listed == set(COMMANDS)


def test_the_settings_reference_lists_every_variable() -> None:
    code = "".join(path.read_text() for path in WEB.glob("*settings.py"))
    read = set(re.findall(r'"(PLANFLOW_[A-Z_]+)"', code))
    listed = set(re.findall(r"^\| `(PLANFLOW_[A-Z_]+)`", (REFERENCE / "settings.md").read_text(), re.M))
    assert listed == read


def test_every_operation_has_a_name_a_summary_and_its_refusals(office: Office) -> None:
    names = [operation["operationId"] for operation in operations(office).values()]
    assert len(set(names)) == len(names)
    for request, operation in operations(office).items():
        assert operation["summary"], request
        assert {"401", "403", "404", "422", "429"} <= set(operation["responses"]), request
        if not request.startswith("GET"):
            assert {"409", "413", "415"} <= set(operation["responses"]), request


def test_every_field_of_every_shape_has_a_meaning(office: Office) -> None:
    for name, schema in document(office)["components"]["schemas"].items():
        for field, told in schema.get("properties", {}).items():
            assert told.get("description"), f"{name}.{field}"


def test_the_document_says_how_to_call(office: Office) -> None:
    schemes = document(office)["components"]["securitySchemes"]
    assert schemes["token"]["scheme"] == "bearer"
    assert document(office)["security"] == [{"token": []}, {"session": []}]


def test_the_page_shows_every_operation_without_help_from_elsewhere(office: Office) -> None:
    page = office.get(None, "docs").get_data(as_text=True)
    for operation in operations(office).values():
        assert f'id="{operation["operationId"]}"' in page
    assert not re.search(r'(?:src|href)="(?:https?:)?//', page)
