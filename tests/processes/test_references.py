"""What a process refers to is there: forms, decisions, outcomes, and expressions that parse."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import etree

from engine.bpmn.reader import read_bpmn
from engine.forms import compile_form
from engine.sandbox import Sandbox
from tests.processes.drawing import PLANFLOW, Drawing

PROCESSES = Path(__file__).parents[2] / "processes"
FILES = sorted(PROCESSES.glob("*/process.bpmn"))
FORMS = sorted(PROCESSES.glob("*/forms/*.form"))


@pytest.fixture(scope="module", params=FILES, ids=lambda path: path.parent.name)
def drawing(request: pytest.FixtureRequest) -> Drawing:
    return Drawing(request.param)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    sandbox = Sandbox()
    yield sandbox
    sandbox.close()


def test_the_engine_executes_every_element(drawing: Drawing) -> None:
    content = (drawing.folder / "process.bpmn").read_bytes()
    _model, warnings = read_bpmn(content, "process.bpmn")
    assert warnings == []


def test_every_task_of_a_person_has_a_form_that_exists(drawing: Drawing) -> None:
    named = {node.get("id"): node.get(PLANFLOW + "form") for node in drawing.elements("userTask")}
    named["start"] = drawing.process.get(PLANFLOW + "startForm")
    assert [task for task, form in named.items() if not form or not (drawing.folder / form).is_file()] == []


def test_every_form_is_used(drawing: Drawing) -> None:
    used = {node.get(PLANFLOW + "form") for node in drawing.elements("userTask")}
    used.add(drawing.process.get(PLANFLOW + "startForm"))
    there = {f"forms/{path.name}" for path in (drawing.folder / "forms").glob("*.form")}
    assert there - used == set()


def test_every_decision_that_is_asked_exists(drawing: Drawing) -> None:
    asked = {node.get(PLANFLOW + "decision") for node in drawing.elements("businessRuleTask")}
    known = {
        decision.get("id")
        for path in drawing.folder.glob("*.dmn")
        for decision in etree.parse(str(path)).getroot().iter("{*}decision")
    }
    assert asked - known == set()


def test_every_expression_parses(drawing: Drawing, sandbox: Sandbox) -> None:
    wrong = [
        (place, source, problems)
        for place, source, kind in _sources(drawing)
        if (problems := sandbox.check(source, kind))
    ]
    assert wrong == []


def _sources(drawing: Drawing) -> Iterator[tuple[str, str, str]]:
    for element in drawing.root.iter(tag=etree.Element):
        place = element.get("id") or element.get("name") or element.tag
        for value in element.attrib.values():
            if value.startswith("="):
                yield place, value[1:], "expression"
        text = (element.text or "").strip()
        if element.tag.endswith(("}conditionExpression", "}completionCondition")):
            yield place, text, "expression"
        elif element.tag.endswith("}script"):
            yield place, text, "script"
        elif element.tag.endswith(("}timeDate", "}timeDuration", "}timeCycle")) and text.startswith("="):
            yield place, text[1:], "expression"


@pytest.mark.parametrize("path", FORMS, ids=lambda path: f"{path.parents[1].name}/{path.name}")
def test_every_form_can_be_checked_by_the_server(path: Path) -> None:
    assert compile_form(path.name, path.read_bytes()) is not None


def test_sending_back_and_refusing_ask_for_a_comment(drawing: Drawing) -> None:
    """Whoever sends a plan back says why; where a form field asks for the reason, the outcome says `none`."""
    silent = [
        (node.get("id"), outcome.get("id"))
        for node in drawing.elements("userTask")
        for outcome in node.iter(PLANFLOW + "outcome")
        if outcome.get("kind") == "negative" and outcome.get("comment") not in ("required", "none")
    ]
    assert silent == []


def test_outcomes_that_flows_ask_for_exist(drawing: Drawing) -> None:
    """A flow's answer such as `superior_decision == "approve"` names an outcome that its task offers."""
    offered = {
        (node.get(PLANFLOW + "outcomeVariable") or f"{node.get('id')}_outcome"): {
            outcome.get("id") for outcome in node.iter(PLANFLOW + "outcome")
        }
        for node in drawing.elements("userTask")
    }
    unknown = []
    for condition in drawing.elements("conditionExpression"):
        variable, _, value = (condition.text or "").partition(" == ")
        if variable in offered and value.strip('"') not in offered[variable]:
            unknown.append((condition.getparent().get("id"), condition.text))
    assert unknown == []
