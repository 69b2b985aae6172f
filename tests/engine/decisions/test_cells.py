"""What the cells of a table hold: input and output expressions, and types (DMN 1.3 §8.2.3 to §8.2.10)."""

from __future__ import annotations

from typing import Any

import pytest

from engine.decisions import DecisionFailed
from engine.errors import BpmnError
from engine.sandbox import Sandbox
from tests.engine.decisions.dmn import decide, one, table

YES = [("answer", "string")]


def failure(sandbox: Sandbox, xml: str, **variables: Any) -> str:
    with pytest.raises(DecisionFailed) as failed:
        decide(sandbox, xml, **variables)
    return str(failed.value)


@pytest.mark.parametrize(
    ("expression", "variables"),
    [
        ("owner", {"owner": "a"}),
        ("goal.owner", {"goal": {"owner": "a"}}),
        ("goal.team.lead", {"goal": {"team": {"lead": "a"}}}),
        ('goal["owner"]', {"goal": {"owner": "a"}}),
        ("owner.lower()", {"owner": "A"}),
        ('"a" if ready else "b"', {"ready": True}),
        ('"a"', {}),
        ("date", {"date": "a"}),
    ],
)
def test_an_input_is_a_path_or_a_starlark_expression(
    sandbox: Sandbox, expression: str, variables: dict[str, Any]
) -> None:
    xml = table([(expression, "string")], YES, [('"a"', '"yes"')])
    assert decide(sandbox, xml, **variables).outputs == {"answer": "yes"}


@pytest.mark.parametrize("goal", [{}, None, "text"])
def test_a_part_that_is_not_there_is_null(sandbox: Sandbox, goal: Any) -> None:
    xml = table(
        [("goal.owner", "string")], YES, [("null", '"missing"'), ('not("a")', '"other"')], policy="FIRST"
    )
    assert decide(sandbox, xml, goal=goal).outputs == {"answer": "missing"}


def test_a_variable_that_is_not_there_fails_and_names_the_input(sandbox: Sandbox) -> None:
    xml = table([("goal.owner", "string")], YES, [('"a"', '"yes"')])
    assert failure(sandbox, xml) == "“Check check”, input “goal.owner”: there is no variable “goal”"


def test_a_failing_expression_names_the_input_or_the_cell(sandbox: Sandbox) -> None:
    xml = table([("len(goals)", "number")], YES, [("> 0", "goals[9]")])
    assert failure(sandbox, xml).startswith(
        "“Check check”, input “len(goals)”: Line 1: Variable `goals` not found"
    )
    assert failure(sandbox, xml, goals=[1]).startswith(
        "“Check check”, rule 1 (r1), output “answer”: Line 1: "
    )


def test_an_expression_in_a_cell_may_throw_a_bpmn_error(sandbox: Sandbox) -> None:
    with pytest.raises(BpmnError, match="NO_OWNER"):
        decide(sandbox, table([], YES, [('bpmn_error("NO_OWNER")',)]))


@pytest.mark.parametrize(
    ("cell", "kind", "value"),
    [
        ('"text"', "string", "text"),
        ("5", "string", "5"),
        ("true", "string", "true"),
        ("5", "number", 5),
        ('"5.5"', "number", 5.5),
        ("5.0", "integer", 5),
        ("amount * 2", "long", 8),
        ("1.5", "double", 1.5),
        ("false", "boolean", False),
        ("True", "boolean", True),
        ('"true"', "boolean", True),
        ('date("2027-03-31")', "date", "2027-03-31"),
        ('"2027-03-31T08:00:00Z"', "date", "2027-03-31"),
        ("end_of_quarter(2027, 1)", "date", "2027-03-31"),
        ('date("2027-03-31")', "dateTime", "2027-03-31T00:00:00+00:00"),
        ('date and time("2027-03-31T08:00:00+08:00")', "dateTime", "2027-03-31T08:00:00+08:00"),
        ("amount", "Any", 4),
        ("[amount]", "Any", [4]),
        ("", "number", None),
        ("null", "string", None),
    ],
)
def test_an_output_has_the_type_of_its_column(sandbox: Sandbox, cell: str, kind: str, value: Any) -> None:
    result = decide(sandbox, table([], [("answer", kind)], [(cell,)]), amount=4).outputs["answer"]
    assert result == value
    assert type(result) is type(value)


@pytest.mark.parametrize(
    ("cell", "kind", "reason"),
    [
        ("[amount]", "string", "[4] is not a text"),
        ("amount + 0.5", "integer", "4.5 is not a whole number"),
        ('str(amount) + "x"', "number", '"4x" is not a number'),
        ('"so" + "on"', "date", '"soon" is not a date'),
        ("amount", "boolean", "4 is not true or false"),
    ],
)
def test_a_result_of_another_type_fails_and_names_the_rule(
    sandbox: Sandbox, cell: str, kind: str, reason: str
) -> None:
    message = failure(sandbox, table([], [("answer", kind)], [(cell,)]), amount=4)
    assert message == f"“Check check”, rule 1 (r1), output “answer”: {reason}"


@pytest.mark.parametrize(
    ("kind", "value", "reason"),
    [
        ("string", 5, "5 is not a text"),
        ("number", "5", '"5" is not a number'),
        ("number", True, "true is not a number"),
        ("integer", 1.5, "1.5 is not a whole number"),
        ("boolean", 1, "1 is not true or false"),
        ("date", "soon", '"soon" is not a date'),
    ],
)
def test_an_input_of_another_type_fails_and_names_the_input(
    sandbox: Sandbox, kind: str, value: Any, reason: str
) -> None:
    message = failure(sandbox, table([("x", kind)], YES, [("-", '"yes"')]), x=value)
    assert message == f"“Check check”, input “x”: {reason}"


def test_an_input_may_be_null_whatever_its_type(sandbox: Sandbox) -> None:
    assert decide(sandbox, table([("x", "number")], YES, [("-", '"yes"')]), x=None).outputs == {
        "answer": "yes"
    }


def test_dates_are_compared_as_dates(sandbox: Sandbox) -> None:
    xml = table([("due", "date")], YES, [('[date("2027-01-01")..date("2027-12-31")]', '"yes"')])
    assert decide(sandbox, xml, due="2027-12-31").outputs == {"answer": "yes"}
    assert decide(sandbox, xml, due="2027-12-31T23:00:00Z").outputs == {"answer": "yes"}
    assert decide(sandbox, xml, due="2028-01-01").outputs is None


def test_a_value_outside_the_input_values_fails(sandbox: Sandbox) -> None:
    xml = table([("x", "string")], YES, [("-", '"yes"')], values={"x": '"a","b"'})
    assert decide(sandbox, xml, x="b").outputs == {"answer": "yes"}
    assert failure(sandbox, xml, x="c") == '“Check check”, input “x”: "c" is none of its allowed values.'


def test_a_value_outside_the_output_values_fails(sandbox: Sandbox) -> None:
    xml = table([], YES, [("x",)], values={"answer": '"a","b"'})
    assert decide(sandbox, xml, x="b").outputs == {"answer": "b"}
    assert '"c" is none of its allowed values' in failure(sandbox, xml, x="c")


def test_a_cell_may_compare_with_another_variable(sandbox: Sandbox) -> None:
    xml = table([("x", "number")], YES, [("> goal.limit", '"over"')])
    assert decide(sandbox, xml, x=6, goal={"limit": 5}).outputs == {"answer": "over"}
    assert (
        failure(sandbox, xml, x=6, goal={"limit": "5"})
        == '“Check check”, rule 1 (r1): 6 cannot be compared with "5"'
    )


def test_a_rule_that_cannot_match_is_not_looked_at_further(sandbox: Sandbox) -> None:
    xml = table([("x", "number"), ("y", "Any")], YES, [("1", "> 3", '"yes"')])
    assert decide(sandbox, xml, x=2, y="text").outputs is None


def test_all_starlark_expressions_of_a_decision_are_listed() -> None:
    xml = table([("len(a)", "number"), ("b", "number")], YES, [("1", "-", "[c][0]"), ("2", "-", '"x"')])
    assert [(each.element, each.source) for each in one(xml).expressions] == [
        ("check_ie0", "len(a)"),
        ("check_r1_c2", "[c][0]"),
    ]
