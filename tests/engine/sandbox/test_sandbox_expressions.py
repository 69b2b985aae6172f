"""Expressions: what goes in, what comes out, and what a designer is told when one fails."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.directory import Person
from engine.errors import BpmnError
from engine.sandbox import PeopleOf, Sandbox, ScriptFailed

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


class People:
    """A directory of two, that counts how often it is asked."""

    def __init__(self) -> None:
        self.asked = 0

    def person(self, user: str) -> Person | None:
        self.asked += 1
        boss = Person("superior", "上級領導", frozenset())
        supervisor = Person("supervisor", "運營主管", frozenset(), superior="superior")
        return {"supervisor": supervisor, "superior": boss}.get(user)

    def members(self, group: str) -> list[str]:
        self.asked += 1
        return ["superior", "supervisor"] if group == "management" else []


def failure(sandbox: Sandbox, expression: str, **variables: Any) -> ScriptFailed:
    with pytest.raises(ScriptFailed) as raised:
        sandbox.evaluate(expression, variables)
    return raised.value


def test_a_condition_reads_variables(sandbox: Sandbox) -> None:
    condition = 'amount > 100000 and urgency == "high"'
    assert sandbox.evaluate(condition, {"amount": 100001, "urgency": "high"}) is True
    assert sandbox.evaluate(condition, {"amount": 3, "urgency": "high"}) is False


@settings(max_examples=60, deadline=None)
@given(value=json_values)
def test_every_json_value_survives_the_way_in_and_out(sandbox: Sandbox, value: Any) -> None:
    result = sandbox.evaluate("[value]", {"value": value})
    assert result == [value]
    assert type(result[0]) is type(value)


@pytest.mark.parametrize(
    "value", [2**70, -(2**64), 1.0, 1e300, -0.5, "計畫 \u0000 😀", True, None, {"": [1.0]}]
)
def test_awkward_values_survive_the_way_in_and_out(sandbox: Sandbox, value: Any) -> None:
    result = sandbox.evaluate("value", {"value": value, "other": 2**80})
    assert result == value
    assert type(result) is type(value)


def test_objects_come_in_ordered_by_key_and_go_out_as_they_were_written(sandbox: Sandbox) -> None:
    assert sandbox.evaluate("list(plan.keys())", {"plan": {"b": 1, "a": 2}}) == ["a", "b"]
    assert list(sandbox.evaluate('{"b": 1, "a": 2}', {})) == ["b", "a"]


def test_an_expression_may_run_over_several_lines_and_hold_a_comment(sandbox: Sandbox) -> None:
    assert sandbox.evaluate("\n   amount > 1  # more than one\n   and amount < 9\n", {"amount": 2}) is True


def test_only_variables_that_are_read_are_sent(sandbox: Sandbox) -> None:
    not_json = object()
    assert sandbox.evaluate("a + 1", {"a": 1, "b": not_json}) == 2


def test_a_missing_variable_is_named(sandbox: Sandbox) -> None:
    failed = failure(sandbox, "\namount > 3")
    assert failed.kind == "error"
    assert failed.line == 2
    assert "`amount`" in str(failed)


def test_a_variable_that_may_be_missing_is_read_with_var(sandbox: Sandbox) -> None:
    assert sandbox.evaluate('var("round_count", 0) + 1', {}) == 1
    assert sandbox.evaluate('var("round_count", default=0) + 1', {"round_count": 4}) == 5
    assert sandbox.evaluate('var("date")', {"date": "2027-01-01"}) == "2027-01-01"
    assert "no variable `round_count`" in str(failure(sandbox, 'var("round_count")'))


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ('get(plan, "year", 2027)', 2026),
        ('get(plan, "quarter", 1)', 1),
        ('get(None, "year")', None),
        ("sum([1, 2.5])", 3.5),
        ("sum([[1], [2]], [])", [1, 2]),
        ("round(2.5)", 3),
        ("round(-2.5)", -3),
        ("round(2.675, 2)", 2.68),
        ("round(1234, -2)", 1200),
        ("abs(-3)", 3),
        ('days_between("2026-12-30", "2027-01-02T08:00:00Z")', 3),
        ('add_days("2028-02-28", 1)', "2028-02-29"),
        ('add_days("2027-01-01", -1)', "2026-12-31"),
        ("date(2027, 3, 9)", "2027-03-09"),
        ("start_of_month(2027, 2)", "2027-02-01"),
        ("end_of_month(2028, 2)", "2028-02-29"),
        ("start_of_quarter(2027, 4)", "2027-10-01"),
        ("end_of_quarter(2027, 1)", "2027-03-31"),
        ('sorted(["bb", "a"], key=len)', ["a", "bb"]),
        ('f"{year}-Q1"', "2027-Q1"),
        ("{1: 2, True: 3}", {"1": 2, "true": 3}),
        ("(1, 2)", [1, 2]),
    ],
)
def test_functions_of_the_language(sandbox: Sandbox, expression: str, value: Any) -> None:
    result = sandbox.evaluate(expression, {"plan": {"year": 2026}, "year": 2027})
    assert result == value
    assert type(result) is type(value)


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("end_of_quarter(2027, 5)", "a quarter is 1, 2, 3 or 4, not 5"),
        ('add_days("soon", 1)', "'soon' is not a date"),
        ("days_between(3, 4)", "a date is a text"),
        ("date(2027, 1)", "missing"),
        ("1 / 0", "division by zero"),
        ('None + "x"', "not supported for types"),
        ("range(3)", "list(range(...))"),
        ("lambda x: x", "a function is no value to keep"),
        ('fail("No figures yet")', "No figures yet"),
        ("superior(1, 2)", "superior() wants one name"),
        ("", "nothing to evaluate"),
        ("# nothing", "nothing to evaluate"),
        ("amount >", "something is missing at the end"),
        ("amount = 3", "unexpected symbol '='"),
        ("amount > 3; x = 4", "unexpected symbol ';'"),
        ("1)\n+(1", "an expression is wanted here"),
        ("{(1, 2): 3}", "key must be a string"),
    ],
)
def test_a_failure_says_why(sandbox: Sandbox, expression: str, reason: str) -> None:
    failed = failure(sandbox, expression, amount=1)
    assert failed.kind == "error"
    assert reason in str(failed)


def test_people_are_looked_up_while_the_expression_waits(sandbox: Sandbox) -> None:
    people = PeopleOf(People())
    variables = {"starter": "supervisor"}
    assert sandbox.evaluate("superior(starter)", variables, people) == "superior"
    assert sandbox.evaluate("superior(superior(starter))", variables, people) is None
    assert sandbox.evaluate("display_name(starter)", variables, people) == "運營主管"
    assert sandbox.evaluate('display_name("nobody")', variables, people) == "nobody"
    assert sandbox.evaluate('members("management")', variables, people) == ["superior", "supervisor"]


def test_the_same_person_is_asked_for_once_in_an_evaluation(sandbox: Sandbox) -> None:
    people = People()
    names = sandbox.evaluate('[display_name("superior") for _ in range(50)]', {}, PeopleOf(people))
    assert names == ["上級領導"] * 50
    assert people.asked == 1


def test_people_cannot_be_looked_up_where_there_is_no_directory(sandbox: Sandbox) -> None:
    assert str(failure(sandbox, 'superior("supervisor")')) == "superior() cannot be used here."


def test_an_error_of_the_directory_reaches_the_caller_unchanged(sandbox: Sandbox) -> None:
    class Unreachable(People):
        def members(self, group: str) -> list[str]:
            raise ConnectionError(group)

    with pytest.raises(ConnectionError, match="management"):
        sandbox.evaluate('members("management")', {}, PeopleOf(Unreachable()))
    assert sandbox.evaluate("1 + 1", {}) == 2


def test_an_expression_can_throw_a_bpmn_error(sandbox: Sandbox) -> None:
    with pytest.raises(BpmnError) as thrown:
        sandbox.evaluate('"x" if ready else bpmn_error("NOT_READY", "Figures are missing")', {"ready": False})
    assert (thrown.value.code, thrown.value.message) == ("NOT_READY", "Figures are missing")


def test_a_failure_inside_a_provided_function_names_the_designers_line(sandbox: Sandbox) -> None:
    assert failure(sandbox, '\n\nsum(["a"])').line == 3


def test_an_expression_cannot_change_a_variable(sandbox: Sandbox) -> None:
    goals: list[int] = []
    assert sandbox.evaluate("[goals.append(1), len(goals)]", {"goals": goals}) == [None, 1]
    assert sandbox.evaluate("goals", {"goals": goals}) == []
