"""Scripts: which of their names become variables."""

from __future__ import annotations

import pytest

from engine.errors import BpmnError
from engine.sandbox import Sandbox, ScriptFailed


def test_top_level_assignments_become_variables(sandbox: Sandbox) -> None:
    script = 'total = sum([g["weight"] for g in goals])\nfull, rest = total >= 100, 100 - total'
    changed = sandbox.execute(script, {"goals": [{"weight": 60}, {"weight": 30}]})
    assert changed == {"total": 90, "full": False, "rest": 10}


def test_a_variable_can_be_computed_from_itself(sandbox: Sandbox) -> None:
    assert sandbox.execute("rounds = rounds + 1", {"rounds": 1}) == {"rounds": 2}
    assert sandbox.execute("rounds += 1", {"rounds": 1}) == {"rounds": 2}


def test_a_variable_changed_in_place_is_among_the_changes(sandbox: Sandbox) -> None:
    script = 'goals.append("c")\nplan["owner"]["name"] = "x"'
    variables = {"goals": ["a"], "plan": {"owner": {}}, "untouched": [1]}
    assert sandbox.execute(script, variables) == {"goals": ["a", "c"], "plan": {"owner": {"name": "x"}}}
    assert variables == {"goals": ["a"], "plan": {"owner": {}}, "untouched": [1]}


def test_a_variable_that_is_only_read_is_no_change(sandbox: Sandbox) -> None:
    assert sandbox.execute("count = len(goals)", {"goals": ["b", "a"]}) == {"count": 2}


def test_loop_variables_functions_and_underscored_names_stay_inside(sandbox: Sandbox) -> None:
    script = (
        "def double(n):\n  return n * 2\nout = []\nfor goal in goals:\n  _d = double(goal)\n  out.append(_d)"
    )
    assert sandbox.execute(script, {"goals": [1, 2], "goal": "kept"}) == {"out": [2, 4]}


def test_an_assignment_in_a_branch_not_taken_leaves_nothing(sandbox: Sandbox) -> None:
    script = 'if late:\n  reason = "late"\nelse:\n  note = None'
    assert sandbox.execute(script, {"late": True}) == {"reason": "late"}
    assert sandbox.execute(script, {"late": False}) == {"note": None}


def test_a_script_indented_in_its_xml_runs(sandbox: Sandbox) -> None:
    assert sandbox.execute("\n      a = 1\r\n      if a:\r\n        b = 2\r\n    ", {}) == {"a": 1, "b": 2}


def test_assigning_the_name_of_a_function_is_refused(sandbox: Sandbox) -> None:
    with pytest.raises(ScriptFailed, match="Line 2: `date` is the name of a function"):
        sandbox.execute("x = 1\ndate = today", {"today": "2027-01-01"})


def test_a_value_that_cannot_be_kept_is_named(sandbox: Sandbox) -> None:
    with pytest.raises(ScriptFailed, match="`f`: a function is no value to keep"):
        sandbox.execute("f = lambda n: n", {})
    with pytest.raises(ScriptFailed, match="`ring`: Cycle detected"):
        sandbox.execute("ring = []\nring.append(ring)", {})


def test_a_failure_names_the_line_inside_a_function(sandbox: Sandbox) -> None:
    with pytest.raises(ScriptFailed) as raised:
        sandbox.execute('def f(n):\n  return n + "s"\n\nx = f(1)', {})
    assert raised.value.line == 2


def test_a_script_can_throw_a_bpmn_error_from_a_function(sandbox: Sandbox) -> None:
    with pytest.raises(BpmnError) as thrown:
        sandbox.execute('def refuse():\n  bpmn_error("REFUSED")\n\nrefuse()', {})
    assert (thrown.value.code, thrown.value.message) == ("REFUSED", "")


def test_nothing_of_a_failing_script_is_kept(sandbox: Sandbox) -> None:
    goals = ["a"]
    with pytest.raises(ScriptFailed):
        sandbox.execute("goals.append(1)\nx = 1 // 0", {"goals": goals})
    assert goals == ["a"]
