"""A law: block-structured processes, which can always end, have no errors."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings

from engine.sandbox import Sandbox
from tests.engine.execution.test_restart import MESSAGE, Writer, blocks
from tests.engine.lint.conftest import problems
from tests.engine.xml_text import HEAD, flow, node


def written(block: Any) -> bytes:
    writer = Writer()
    inside, first, end = writer.write(block)
    body = node("startEvent", "s") + inside + node("endEvent", "e") + flow("s", first) + flow(end, "e")
    xml = f'{HEAD}{MESSAGE}<bpmn:process id="p" isExecutable="true">{body}</bpmn:process>'
    return f"{xml}{''.join(writer.called)}</bpmn:definitions>".encode()


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(block=blocks())
def test_block_structured_processes_have_no_errors(sandbox: Sandbox, block: Any) -> None:
    found = problems(sandbox, written(block))
    assert [problem for problem in found if problem.severity == "error"] == []
    assert "bpmn.runs-twice" not in {problem.rule for problem in found}
