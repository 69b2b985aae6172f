"""``planflow lint --format sarif``: what SARIF 2.1.0 asks for, and where a finding is."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from engine.lint import RULES
from tests.engine.xml_text import bpmn, node, way
from web.cli import main

TEXT = {"type": "string", "minLength": 1}
MESSAGE = {
    "type": "object",
    "required": ["text"],
    "additionalProperties": False,
    "properties": {"text": TEXT},
}
LEVEL = {"enum": ["none", "note", "warning", "error"]}


def shape(required: list[str], **properties: Any) -> dict[str, Any]:
    """An object that has these properties and no others."""
    return {"type": "object", "required": required, "additionalProperties": False, "properties": properties}


def rows(items: Any) -> dict[str, Any]:
    return {"type": "array", "items": items}


RULE = shape(
    ["id"],
    id=TEXT,
    shortDescription=MESSAGE,
    help=shape(["text"], text=TEXT, markdown=TEXT),
    defaultConfiguration=shape([], level=LEVEL),
    properties={"type": "object"},
)
PHYSICAL = shape(
    ["artifactLocation"],
    artifactLocation=shape([], uri=TEXT),
    region=shape(["startLine"], startLine={"type": "integer", "minimum": 1}),
)
LOCATION = shape(
    [], physicalLocation=PHYSICAL, logicalLocations=rows(shape([], name=TEXT, fullyQualifiedName=TEXT))
)
RESULT = shape(
    ["message"],
    ruleId=TEXT,
    ruleIndex={"type": "integer", "minimum": 0},
    level=LEVEL,
    message=MESSAGE,
    locations=rows(LOCATION),
)
DRIVER = shape(["name"], name=TEXT, version=TEXT, rules=rows(RULE))
RUN = shape(
    ["tool"],
    tool=shape(["driver"], driver=DRIVER),
    columnKind={"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
    results=rows(RESULT),
)
SARIF = shape(
    ["version", "runs"],
    **{"$schema": {"type": "string", "format": "uri"}},
    version={"const": "2.1.0"},
    runs=rows(RUN),
)
"""The parts of SARIF 2.1.0 (OASIS) that are written, as its schema has them."""


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file in a folder whose name has to be quoted, with an element that no way leads to, in line 2."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "our plans"
    folder.mkdir()
    file = folder / "plan.bpmn"
    lost = node("task", "x") + way("x", "e")
    file.write_bytes(bpmn(node("startEvent", "s") + node("endEvent", "e") + way("s", "e") + "\n" + lost))
    return file


def said(*paths: Path) -> dict[str, Any]:
    told = CliRunner().invoke(main, ["lint", *map(str, paths), "--format", "sarif"])
    answer: dict[str, Any] = json.loads(told.stdout)
    return answer


def test_it_is_sarif(model: Path) -> None:
    Draft202012Validator(SARIF).validate(said(model))


def test_every_result_points_at_a_rule_with_its_page(model: Path) -> None:
    (run,) = said(model)["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert {rules[result["ruleIndex"]]["id"] == result["ruleId"] for result in run["results"]} == {True}
    assert {RULES[rule["id"]].page == rule["properties"]["page"] for rule in rules} == {True}


def test_a_result_has_file_line_and_element(model: Path) -> None:
    (run,) = said(model)["runs"]
    (found,) = [result for result in run["results"] if result["ruleId"] == "bpmn.unreachable"]
    (location,) = found["locations"]
    assert found["level"] == "error"
    assert location["physicalLocation"] == {
        "artifactLocation": {"uri": "our%20plans/plan.bpmn"},
        "region": {"startLine": 2},
    }
    assert location["logicalLocations"] == [{"name": "x", "fullyQualifiedName": "x"}]


def test_a_file_outside_the_working_folder_has_an_absolute_address(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    uris = {
        location["physicalLocation"]["artifactLocation"]["uri"]
        for result in said(model)["runs"][0]["results"]
        for location in result["locations"]
    }
    assert all(re.match(r"file:///.*/our%20plans/plan\.bpmn$", uri) for uri in uris)


def test_a_clean_model_has_no_results() -> None:
    run = said(Path(__file__).parents[2] / "processes" / "monthly_plan")["runs"][0]
    assert (run["results"], run["tool"]["driver"]["rules"]) == ([], [])
