"""A law: block-structured processes, which can always end, have no errors."""

from __future__ import annotations

from hypothesis import given, note

from engine.sandbox import Sandbox
from tests.engine.laws.blocks import blocks
from tests.engine.laws.budget import examples
from tests.engine.laws.drawing import Model
from tests.engine.laws.written import written
from tests.engine.lint.conftest import problems


@examples(100)
@given(model=blocks())
def test_block_structured_processes_have_no_errors(sandbox: Sandbox, model: Model) -> None:
    note(written(model).decode())
    found = problems(sandbox, written(model))
    assert [problem for problem in found if problem.severity == "error"] == []
    assert "bpmn.runs-twice" not in {problem.rule for problem in found}
