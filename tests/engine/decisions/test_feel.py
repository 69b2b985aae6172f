"""S-FEEL unary tests (DMN 1.3 §9; their meaning in §10.3.2)."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.decisions.durations import Months
from engine.decisions.feel import (
    Literal,
    NotFeel,
    Reference,
    Scope,
    Vocabulary,
    parse_expression,
    parse_unary_tests,
)
from engine.decisions.values import NoValue, NoVariable, WrongType, as_json

NAMES = Scope({"limit": 10, "goal": {"due": "2027-03-31"}})


def holds(test: str, value: Any) -> bool | None:
    return parse_unary_tests(test).holds(value, NAMES)


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
        ("`limit`", [10], [11]),
        ("5 + 1", [6], [5]),
        ("< limit * 2", [19], [20]),
        ("[limit - 1..limit + 1]", [9, 11], [12]),
        ("[1, 5]", [1, 5], [3]),
        ('["a", "b"]', ["a"], ["c"]),
        ("? > 5", [6], [5]),
        ('contains(?, "a")', ["cat"], ["dog"]),
        ('not(contains(?, "a"))', ["dog"], ["cat"]),
        ("modulo(?, 2) = 1 and ? > limit", [11], [9, 12]),
        ('string length(?) > 2, "a"', ["abc", "a"], ["b"]),
        ("? between 1 and 5", [1, 5], [6]),
        ('time("08:00:00")', ["08:00:00", "08:00:00Z"], ["08:00:01"]),
        ('> duration("P1D")', ["P2D", "PT25H"], ["PT24H"]),
        ('[@"P1M"..@"P1Y"]', ["P3M"], ["P2Y"]),
        ('<= date("2027-03-31") + duration("P1M")', ["2027-04-30"], ["2027-05-01"]),
        (
            'date and time("2027-03-31T08:00:00@Asia/Taipei")',
            ["2027-03-31T00:00:00Z"],
            ["2027-03-31T08:00:00Z"],
        ),
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
        ("]1,5]", "“,” is unexpected, “..” is missing"),
        ("limit > 5", "a comparison in a cell needs “?”"),
        ("limit in (1, 2)", "a comparison in a cell needs “?”"),
        ("f(?)", "“(” is unexpected"),
        ("contains(?)", "“contains” takes 2 values, not 1"),
        ("goal[1]", "“[” is unexpected"),
        ("9" * 50, "is not a number"),
        ("(" * 60, "it is nested too deep"),
        ("1" + "+1" * 200, "it has more than 100 operators"),
        ("x in ((y in (" * 30, "it is nested too deep"),
        ('"' + "a" * 20_000 + '"', "it is longer than 10000 characters"),
        ("[5..1]", "the interval ends before it starts"),
        ('"a', "is unexpected"),
        ('not("a"', "“)” is missing"),
        ("not()", "“)” is unexpected"),
        ('"a",', "the end is unexpected"),
        ("5 +", "the end is unexpected"),
        ("True", "“True” is written true here"),
        ('date("2027-02-30")', "is not a date such as 2027-03-31"),
        ('date and time("soon")', "is not a date and time"),
        ('time("8")', "is not a time"),
        ('duration("P1M1D")', "is not a duration such as P1DT12H or P1Y6M"),
        ("-,-", "“,” is unexpected"),
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
    ],
)
def test_a_simple_value_is_a_literal_or_a_path(text: str, value: Literal | Reference) -> None:
    assert parse_expression(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("0.1 + 0.2", 0.3),
        ("2 ** 3 - 1", 7),
        ("10 / 4", 2.5),
        ("-limit", -10),
        ('"a" + "b"', "ab"),
        ("null + 1", None),
        ("limit > 5 and limit < 11", True),
        ("null and false", False),
        ("null or true", True),
        ("null > 1", None),
        ("null = null", True),
        ("limit != 10", False),
        ('if limit > 5 then "much" else "little"', "much"),
        ('if null then "yes" else "no"', "no"),
        ("limit between 1 and 10", True),
        ("limit in (1, 10)", True),
        ("limit in [1..5]", False),
        ("limit in names", False),
        ("not(limit = 10)", False),
        ("[1, limit]", [1, 10]),
        ("sum([1, 2, limit])", 13),
        ("sum(0.1, 0.2)", 0.3),
        ("sum([])", None),
        ("min(3, 1, 2)", 1),
        ('max(["2027-01-01", goal.due])', "2027-03-31"),
        ("mean([1, 2])", 1.5),
        ("count([1, 2])", 2),
        ("all([true, null])", None),
        ("any([true, null])", True),
        ("list contains([1, null], null)", True),
        ("append([1], 2)", [1, 2]),
        ("concatenate([1], [2, 3])", [1, 2, 3]),
        ("distinct values([1, 1.0, 2])", [1, 2]),
        ("reverse([1, 2])", [2, 1]),
        ("decimal(2.345, 2)", 2.34),
        ("round half up(2.345, 2)", 2.35),
        ("floor(-1.5)", -2),
        ("ceiling(1.2)", 2),
        ("abs(-3)", 3),
        ("modulo(-5, 3)", 1),
        ("odd(3)", True),
        ("even(3)", False),
        ("string(1.5)", "1.5"),
        ('number("1.5")', 1.5),
        ('substring("plan", 2, 2)', "la"),
        ('substring("plan", -2)', "an"),
        ('upper case("a")', "A"),
        ('substring before("a/b", "/")', "a"),
        ('substring after("a/b", "/")', "b"),
        ('starts with("plan", "pl")', True),
        ('string join(["a", "b"], "-")', "a-b"),
        ('date("2027-01-31") + duration("P1M")', date(2027, 2, 28)),
        ('goal.due + duration("P1D")', date(2027, 4, 1)),
        ('date("2027-03-31") - date("2027-03-01")', timedelta(days=30)),
        ("date(2027, 3, 31).year", 2027),
        ('date("2027-03-31").weekday', 3),
        ('day of week(date("2027-03-31"))', "Wednesday"),
        ('month of year(date("2027-03-31"))', "March"),
        ('years and months duration(date("2025-12-31"), date("2027-03-30"))', Months(14)),
        ('duration("P1D") * 2', timedelta(days=2)),
        ('duration("P1Y") / 4', Months(3)),
        ('duration("P1D") / duration("PT1H")', 24),
        ('time("08:00:00") + duration("PT1H")', time(9, tzinfo=UTC)),
        ('date and time(date("2027-03-31"), time("08:00:00"))', datetime(2027, 3, 31, 8, tzinfo=UTC)),
        ("today()", date(2027, 1, 2)),
        ("now()", datetime(2027, 1, 2, 3, 4, tzinfo=UTC)),
    ],
)
def test_an_expression_has_the_value_that_feel_gives_it(text: str, value: Any) -> None:
    variables = {**NAMES.variables, "names": ["a"], "today": "2027-01-02", "now": "2027-01-02T03:04:00Z"}
    found = parse_expression(text).value(Scope(variables))
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('"a" * 2', '"a" * 2 has no meaning'),
        ("1 / 0", "1 / 0 has no result"),
        ('1 > "a"', 'cannot be compared with "a"'),
        ("1 and true", "1 is not true or false"),
        ("upper case(1)", "1 is not a text"),
        ("2 ** 5000", "has no result"),
        ('date("9999-12-31") + duration("P1D")', "has no result"),
        ('date("2027-01-31") + 1', "has no meaning"),
        ('number("1e999")', "is not a number"),
    ],
)
def test_where_feel_would_hide_an_error_in_null_the_expression_fails(text: str, reason: str) -> None:
    with pytest.raises(NoValue, match=re.escape(reason)):
        parse_expression(text).value(NAMES)


def test_a_variable_that_is_not_there_is_an_error() -> None:
    with pytest.raises(NoVariable, match="there is no variable “nothing”"):
        parse_expression("nothing.owner").value(NAMES)


@pytest.mark.parametrize(
    "text",
    [
        "goals[0]",
        "len(goals)",
        '"a" in names',
        "a == b",
        "a if b else c",
        "goals.items()",
        "not x",
        "'a'",
        "{}",
    ],
)
def test_what_is_or_may_be_starlark_is_not_read_as_feel(text: str) -> None:
    with pytest.raises(NotFeel):
        parse_expression(text, certain=False)


def test_names_of_several_words_are_known_from_the_requirements() -> None:
    words = Vocabulary(frozenset({"Guest Count"}), {"Sum Up": ("x",)})
    scope = Scope({"Guest Count": 3}, {"Sum Up": lambda arguments: arguments[0] * 2})
    assert parse_expression("Guest Count + 1", words).value(scope) == 4
    assert parse_expression("Sum Up(Guest Count)", words).value(scope) == 6
    assert parse_unary_tests("> Guest Count", words).holds(4, scope) is True


@pytest.mark.parametrize("text", ["P1D", "-P1DT2H3M4.5S", "PT0.000001S", "P1Y2M", "-P3M", "P0D", "P2Y"])
def test_a_duration_is_written_as_it_was_read(text: str) -> None:
    assert as_json(parse_expression(f'duration("{text}")').value(NAMES)) == text


def test_a_text_cannot_be_doubled_for_ever() -> None:
    with pytest.raises(WrongType, match="more than 1000000 characters"):
        parse_expression("text + text").value(Scope({"text": "a" * 600_000}))


@given(st.integers(-99, 99), st.integers(-99, 99), st.integers(-99, 99))
def test_an_interval_is_the_same_as_its_two_comparisons(low: int, high: int, value: int) -> None:
    low, high = min(low, high), max(low, high)
    assert holds(f"[{low}..{high}]", value) is (holds(f">= {low}", value) and holds(f"<= {high}", value))
    assert holds(f"({low}..{high})", value) is (holds(f"> {low}", value) and holds(f"< {high}", value))
    assert holds(f"not([{low}..{high}])", value) is not holds(f"[{low}..{high}]", value)


WORDS = """
1 "a" limit goal.due ? null true date date( ( ) [ ] .. , - + * / ** < <= = != and or not( if then else in between
sum( date("2027-03-31") duration("P1D") contains( . @ "P1D" today() substring(
"""
FEEL_WORDS = st.sampled_from(WORDS.split())


@given(
    st.text() | st.lists(FEEL_WORDS, max_size=12).map(" ".join), st.sampled_from([1, "a", None, True, [1]])
)
def test_any_text_is_evaluated_refused_or_fails(text: str, value: Any) -> None:
    for read in (
        lambda: parse_unary_tests(text).holds(value, NAMES),
        lambda: parse_expression(text).value(NAMES),
    ):
        with suppress(NotFeel, NoValue):
            as_json(read())


@given(st.text(st.characters(exclude_characters='"\\')))
def test_a_quoted_text_matches_itself(text: str) -> None:
    assert holds(f'"{text}"', text) is True
