"""S-FEEL unary tests (DMN 1.3 §9; their meaning in §10.3.2)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.decisions.feel import Literal, NotFeel, Reference, parse_simple_value, parse_unary_tests
from engine.decisions.values import WrongType

NAMES: dict[tuple[str, ...], Any] = {("limit",): 10, ("goal", "due"): "2027-03-31"}


def holds(test: str, value: Any) -> bool | None:
    return parse_unary_tests(test).holds(value, NAMES.__getitem__)


@pytest.mark.parametrize(
    ("test", "matching", "others"),
    [
        ("-", [1, "a", None, [1]], []),
        ("", [1, "a", None], []),
        ("10", [10, 10.0], [11, -10]),
        ("-10", [-10], [10]),
        (".5", [0.5], [5]),
        ('"a"', ["a"], ["b", ""]),
        ('"a","b"', ["a", "b"], ["c"]),
        ('"a, b"', ["a, b"], ["a"]),
        ('"say \\"yes\\""', ['say "yes"'], ["say"]),
        ('"\\u8a08"', ["計"], ["u8a08"]),
        ("true", [True], [False]),
        ("false", [False], [True]),
        ("null", [None], [0, "", False]),
        ("< 10", [9.9, -1], [10, 11]),
        ("<= 10", [10], [10.1]),
        ("> 10", [11], [10]),
        (">=10", [10, 11], [9]),
        ("> limit", [11], [10]),
        ("limit, 20", [10, 20], [15]),
        ("[1..5]", [1, 3, 5], [0, 6]),
        ("(1..5]", [2, 5], [1]),
        ("]1..5]", [2, 5], [1]),
        ("[1..5)", [1, 4], [5]),
        ("[1..5[", [1, 4], [5]),
        ("(1..5)", [2], [1, 5]),
        ("[1..limit]", [10], [11]),
        ("[-2..-1], > 5", [-2, 6], [0, 5]),
        ('["a".."c"]', ["a", "bz"], ["d"]),
        ("not(1)", [2], [1]),
        ('not("a","b")', ["c"], ["a", "b"]),
        ("not(> 5)", [5], [6]),
        ('date("2027-03-31")', ["2027-03-31", date(2027, 3, 31)], ["2027-04-01"]),
        ('< date("2027-03-31")', ["2027-03-30", "2027-03-30T23:59:59Z"], ["2027-03-31"]),
        ('[date("2027-01-01")..date("2027-03-31")]', ["2027-01-01", date(2027, 3, 31)], ["2027-04-01"]),
        (
            '>= date and time("2027-03-31T08:00:00Z")',
            ["2027-03-31T10:00:00+01:00"],
            ["2027-03-31T08:00:00+01:00"],
        ),
        ('@"2027-03-31"', ["2027-03-31"], ["2027-03-30"]),
        ("<= goal.due", ["2027-03-31"], ["2027-04-01"]),
    ],
)
def test_a_unary_test_holds_for_these_values_and_not_for_others(
    test: str, matching: list[Any], others: list[Any]
) -> None:
    assert [value for value in matching if holds(test, value) is not True] == []
    assert [value for value in others if holds(test, value) is not False] == []


@pytest.mark.parametrize("test", ["> 5", "[1..5]", "not(> 5)", 'not([1..5], "a")', "> 5, < 3"])
def test_comparing_null_is_neither_true_nor_false(test: str) -> None:
    assert holds(test, None) is None


@pytest.mark.parametrize(
    ("test", "holding"), [("5", False), ("not(5)", True), ("null, > 5", True), ("5, > 5", None)]
)
def test_null_equals_null_alone(test: str, holding: bool | None) -> None:
    assert holds(test, None) is holding


@pytest.mark.parametrize(
    ("test", "value"),
    [("> 5", "6"), ('"a"', 1), ("true", 1), ("1", True), ('date("2027-01-01")', 5), ("1", [1])],
)
def test_values_of_different_types_are_not_compared(test: str, value: Any) -> None:
    with pytest.raises(WrongType, match=r"cannot be compared|is not a date"):
        holds(test, value)


@pytest.mark.parametrize(
    ("test", "reason"),
    [
        ("> ", "the end is unexpected"),
        ("=> 5", "“=” is unexpected"),
        ("5 6", "“6” is unexpected"),
        ("[1..5", "the end is unexpected"),
        ("[1,5]", "“,” is unexpected, “..” is missing"),
        ("[5..1]", "the interval ends before it starts"),
        ('"a', "is unexpected"),
        ('not("a"', "“)” is missing"),
        ("not()", "“)” is unexpected"),
        ('"a",', "the end is unexpected"),
        ("? > 5", "“?” is unexpected"),
        ("5 + 1", "“+” is unexpected"),
        ("True", "“True” is written true here"),
        ('date("2027-02-30")', "is not a date such as 2027-03-31"),
        ('date and time("soon")', "is not a date and time"),
        ('time("08:00:00")', "“(” is unexpected"),
        ("-,-", "“-” is unexpected"),
        ("goal.", "the end is unexpected"),
    ],
)
def test_what_is_no_unary_test_is_refused_with_the_place(test: str, reason: str) -> None:
    with pytest.raises(NotFeel) as raised:
        parse_unary_tests(test)
    assert reason in str(raised.value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('"計畫"', Literal("計畫")),
        ("-1.5", Literal(-1.5)),
        ("null", Literal(None)),
        ('date("2027-03-31")', Literal(date(2027, 3, 31))),
        ('@"2027-03-31T08:00:00"', Literal(datetime(2027, 3, 31, 8, tzinfo=UTC))),
        ("goal.owner", Reference(("goal", "owner"))),
        ("goal[0]", None),
        ("1 + 1", None),
        ("len(goals)", None),
    ],
)
def test_a_simple_value_is_a_literal_or_a_path(text: str, value: Literal | Reference | None) -> None:
    assert parse_simple_value(text) == value


@given(st.integers(-99, 99), st.integers(-99, 99), st.integers(-99, 99))
def test_an_interval_is_the_same_as_its_two_comparisons(low: int, high: int, value: int) -> None:
    low, high = min(low, high), max(low, high)
    assert holds(f"[{low}..{high}]", value) is (holds(f">= {low}", value) and holds(f"<= {high}", value))
    assert holds(f"({low}..{high})", value) is (holds(f"> {low}", value) and holds(f"< {high}", value))
    assert holds(f"not([{low}..{high}])", value) is not holds(f"[{low}..{high}]", value)


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        parse_unary_tests(text)
    except (NotFeel, WrongType):
        return


@given(st.text(st.characters(exclude_characters='"\\')))
def test_a_quoted_text_matches_itself(text: str) -> None:
    assert holds(f'"{text}"', text) is True
