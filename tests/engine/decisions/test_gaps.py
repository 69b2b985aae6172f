"""Overlapping rules and uncovered inputs are found (DMN 1.3 §8.2.11), and what is found is true."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.decisions import DecisionFailed, evaluate
from engine.decisions.feel import ANYWHERE
from engine.decisions.gaps import MAX_SHOWN, decision_findings
from engine.decisions.partition import dimensions
from engine.errors import Problem
from tests.engine.decisions.dmn import one, table

LEVEL = [("level", "string")]


def findings(inputs: Sequence[tuple[str, str]], rules: Sequence[Sequence[str]], **more: Any) -> list[Problem]:
    """What is found in a table whose rules all give the same."""
    xml = table(inputs, LEVEL, [(*rule, '"x"') for rule in rules], **more)
    return list(decision_findings([one(xml)], "check.dmn"))


@pytest.mark.parametrize(
    ("kind", "tests", "example"),
    [
        ("number", ["< 10", "> 10"], "x = 10"),
        ("number", ["< 10", ">= 11"], "x = 10"),
        ("number", ["<= 1", ">= 2"], "x = 1.5"),
        ("number", ["[0..5]", "> 5"], "x = -1"),
        ("integer", ["<= 1", ">= 3"], "x = 2"),
        ("string", ['"a"', '"b"'], "x = another text"),
        ("string", ['< "m"', '> "m"'], 'x = "m"'),
        ("boolean", ["true"], "x = false"),
        ("date", ['< date("2027-01-01")', '> date("2027-01-01")'], "x = 2027-01-01"),
        ("date", ['<= date("2027-01-01")', '>= date("2027-01-03")'], "x = 2027-01-02"),
        ("dateTime", ['< date and time("2027-01-01T08:00:00Z")'], "x = 2027-01-01T08:00:00+00:00"),
        ("dayTimeDuration", ['< duration("P1D")', '> duration("P1D")'], "x = P1D"),
        ("string", ["null", 'not("a")'], 'x = "a"'),
        ("string", ['not("a")', "null"], 'x = "a"'),
        ("number", ["> 1", "null"], "x = 1"),
    ],
)
def test_an_input_that_no_rule_covers_is_found_with_an_example(
    kind: str, tests: list[str], example: str
) -> None:
    found = [each for each in findings([("x", kind)], [(test,) for test in tests]) if each.rule == "dmn.gap"]
    assert found
    assert (found[0].element, found[0].severity, found[0].resource) == ("check_table", "warning", "check.dmn")
    assert found[0].reason.startswith(f"No rule matches {example}, ") or "x = 0" in found[0].reason


@pytest.mark.parametrize(
    ("kind", "tests", "more"),
    [
        ("number", ["< 10", ">= 10"], {}),
        ("integer", ["<= 1", ">= 2"], {}),
        ("date", ['<= date("2027-01-01")', '>= date("2027-01-02")'], {}),
        ("boolean", ["true", "false"], {}),
        ("string", ['"a"', '"b"'], {"values": {"x": '"a","b"'}}),
        ("string", ['"a"', 'not("a")'], {}),
        ("string", ['"a"', "-"], {"policy": "FIRST"}),
        ("number", ["> limit", "<= limit"], {}),
        ("number", ["> 1"], {"defaults": {"level": '"none"'}}),
        ("number", ["> 1"], {"policy": "COLLECT"}),
        ("Any", ["-"], {}),
        ("Any", ["true", "false", "1"], {}),
    ],
)
def test_a_table_that_covers_everything_once_is_in_order(
    kind: str, tests: list[str], more: dict[str, Any]
) -> None:
    assert findings([("x", kind)], [(test,) for test in tests], **more) == []


@pytest.mark.parametrize(
    ("kind", "tests", "example"),
    [
        ("number", ["<= 10", ">= 10"], "x = 10"),
        ("number", ["-", "> 5"], "x = 6"),
        ("string", ['"a","b"', '"b","c"', 'not("a","b","c")'], 'x = "b"'),
        ("boolean", ["-", "true"], "x = true"),
        ("date", ['[date("2027-01-01")..date("2027-02-01")]', '>= date("2027-02-01")'], "x = 2027-02-01"),
        ("string", ["null", 'not("a")'], "x = null"),
    ],
)
def test_rules_of_a_unique_table_that_overlap_are_named_with_an_example(
    kind: str, tests: list[str], example: str
) -> None:
    found = [
        each for each in findings([("x", kind)], [(test,) for test in tests]) if each.rule == "dmn.overlap"
    ]
    (problem,) = found
    assert (problem.element, problem.severity) == ("r2", "error")
    assert problem.reason == f"Rules 1 (r1) and 2 (r2) both match {example}, but only one may (UNIQUE)."


def test_overlaps_and_gaps_are_found_over_several_inputs() -> None:
    rules = [("< 10", '"a"'), ("<= 9", '"a","b"'), (">= 10", "-")]
    assert [(each.rule, each.element) for each in findings([("n", "number"), ("k", "string")], rules)] == [
        ("dmn.overlap", "r2"),
        ("dmn.gap", "check_table"),
        ("dmn.gap", "check_table"),
        ("dmn.gap", "check_table"),
    ]


@pytest.mark.parametrize("policy", ["FIRST", "ANY", "COLLECT", "RULE ORDER"])
def test_only_unique_tables_must_not_overlap(policy: str) -> None:
    assert findings([("x", "number")], [("-",), ("-",)], policy=policy) == []


def test_of_many_overlaps_and_gaps_the_first_are_told() -> None:
    found = findings([("x", "integer"), ("y", "integer")], [(f"{n % 20}", "1") for n in range(40)])
    assert len(found) == 2 * (MAX_SHOWN + 1)
    assert "the others are not told" in found[-1].reason


@pytest.mark.parametrize(
    ("inputs", "rules", "kind"),
    [(5, 400, "number"), (30, 300, "boolean"), (2, 3_000, "number"), (200, 5, "string")],
)
def test_a_large_table_is_looked_through_in_bounded_time(inputs: int, rules: int, kind: str) -> None:
    dice = random.Random(1)  # noqa: S311 - a table to be looked through, no secret

    def cell() -> str:
        low = dice.randrange(1000)
        choices = {
            "boolean": ["true", "false", "-"],
            "number": [f"[{low}..{low + 200}]"],
            "string": ['"a"', "-"],
        }
        return dice.choice(choices[kind])

    columns = [(f"x{n}", kind) for n in range(inputs)]
    decision = one(table(columns, LEVEL, [(*(cell() for _n in columns), '"x"') for _rule in range(rules)]))
    begin = time.process_time()
    found = list(decision_findings([decision], "check.dmn"))
    assert time.process_time() - begin < 10
    assert found


CELL = st.one_of(
    st.sampled_from(["-", "null", "not(null)"]),
    st.integers(0, 6).map(str),
    st.tuples(st.sampled_from(["<", "<=", ">", ">="]), st.integers(0, 6)).map(
        lambda parts: f"{parts[0]} {parts[1]}"
    ),
    st.tuples(st.integers(0, 3), st.integers(3, 6)).map(lambda ends: f"[{ends[0]}..{ends[1]})"),
    st.lists(st.integers(0, 6), min_size=1, max_size=3).map(
        lambda values: f"not({','.join(map(str, values))})"
    ),
)


@settings(deadline=None)
@given(st.lists(st.tuples(CELL, CELL), max_size=6))
def test_a_finding_is_there_exactly_when_some_input_shows_it(rules: list[tuple[str, str]]) -> None:
    inputs = [("x", "number"), ("y", "number")]
    xml = table(inputs, LEVEL, [(*rule, '"v"') for rule in rules])
    decision = one(xml)
    expected = [any("null" in rule[place] for rule in rules) for place in (0, 1)]
    overlap, gap = False, False
    values = [None, *(n / 2 for n in range(-2, 15))]
    for x in values:
        for y in values:
            try:
                missed = evaluate(decision, {"x": x, "y": y}, lambda *_: None).outputs is None
            except DecisionFailed:
                overlap, missed = True, False
            usual = (x is not None or expected[0]) and (y is not None or expected[1])
            gap = gap or (missed and usual)
    found = {each.rule for each in decision_findings([decision], "check.dmn")}
    assert found == {rule for rule, there in (("dmn.overlap", overlap), ("dmn.gap", gap)) if there}


@settings(deadline=None)
@given(st.lists(CELL, max_size=5))
def test_tests_that_are_put_in_order_say_what_they_say_one_by_one(cells: list[str]) -> None:
    decision = one(table([("x", "number")], LEVEL, [(cell, '"v"') for cell in cells]))
    (place,) = dimensions(decision.logic)
    for sample in place.samples:
        for number, rule in enumerate(decision.logic.rules):
            assert bool(sample.certain >> number & 1) is (rule.tests[0].holds(sample.value, ANYWHERE) is True)
