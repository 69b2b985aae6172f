"""What lint says of a bundle: severities that the index knows, lines, and nothing of what is not executed."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.bundle import examine_bundle, read_bundle
from engine.errors import NotDeployable
from engine.lint import RULES
from engine.sandbox import Sandbox
from plans.operations import OPERATIONS
from tests.engine.lint.conftest import problems
from tests.engine.xml_text import bpmn, flow, node, way

PROCESSES = Path(__file__).parents[3] / "processes"
START, END = node("startEvent", "s"), node("endEvent", "e")
LOST = bpmn(f"{START}\n{END}\n{node('task', 'x')}\n{node('task', 'y')}{way('s', 'e')}{way('x', 'y', 'e')}")


def bundle(folder: Path) -> dict[str, bytes]:
    kinds = (".bpmn", ".dmn", ".form")
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.suffix in kinds}


@pytest.mark.parametrize("process", sorted(p.parent.name for p in PROCESSES.glob("*/process.bpmn")))
def test_the_processes_that_come_with_planflow_are_clean(sandbox: Sandbox, process: str) -> None:
    read, found = examine_bundle(bundle(PROCESSES / process), OPERATIONS, sandbox)
    assert (found, read.warnings) == ([], [])


def test_an_error_refuses_a_deployment_with_element_rule_and_line(sandbox: Sandbox) -> None:
    with pytest.raises(NotDeployable) as refused:
        read_bundle({"p.bpmn": LOST}, {}, sandbox)
    found = [(p.resource, p.element, p.rule, p.line) for p in refused.value.problems]
    assert found == [("p.bpmn", "x", "bpmn.unreachable", 3), ("p.bpmn", "y", "bpmn.unreachable", 4)]


def test_warnings_come_with_a_bundle_that_is_read(sandbox: Sandbox) -> None:
    read = read_bundle({"p.bpmn": bpmn(START + END + way("s", "e"))}, {}, sandbox)
    assert [(w.rule, w.severity, w.line) for w in read.warnings] == [("bpmn.no-diagram", "warning", None)]


def test_lines_are_told_of_forms_and_of_what_cannot_be_parsed(sandbox: Sandbox) -> None:
    form = b'{"type": "default", "components": [\n{"id": "field", "type": "iframe"}]}'
    files = {"p.bpmn": b"<a>\n<b></a>", "f.form": form, "g.form": b"{\n,}"}
    _read, found = examine_bundle(files, {}, sandbox)
    assert {(p.resource, p.line) for p in found} == {("p.bpmn", 2), ("f.form", 2), ("g.form", 2)}


def test_what_is_not_meant_to_be_executed_is_not_looked_at(sandbox: Sandbox) -> None:
    other = b'<bpmn:process id="q"><bpmn:task id="t"/></bpmn:process></bpmn:definitions>'
    model = bpmn(START + END + way("s", "e")).replace(b"</bpmn:definitions>", other)
    assert {p.rule for p in problems(sandbox, model)} == {"bpmn.no-diagram"}


def test_severities_are_those_of_the_index(sandbox: Sandbox) -> None:
    gate = node("exclusiveGateway", "g") + flow("g", "e", "amount") + flow("g", "x", "urgent")
    model = bpmn(
        START + gate + END + node("userTask", "x") + node("task", "y") + way("s", "g") + way("y", "x", "g")
    )
    found = problems(sandbox, model)
    assert len({p.rule for p in found}) > 3
    assert [p for p in found if p.severity not in RULES[p.rule].severities] == []
