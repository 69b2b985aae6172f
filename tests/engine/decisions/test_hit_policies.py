"""Hit policies and default outputs (DMN 1.3 §8.2.11, §8.2.12)."""

from __future__ import annotations

from typing import Any

import pytest

from engine.decisions import DecisionFailed
from engine.errors import NotDeployable
from engine.sandbox import Sandbox
from tests.engine.decisions.dmn import decide, table

AMOUNT = [("amount", "number")]
LEVEL = [("level", "string")]
OVERLAPPING = [("> 10", '"low"'), ("> 100", '"high"'), ("> 1000", '"low"')]
LEVELS = {"level": '"high","low"'}
NUMBERS = [("> 0", "3"), ("> 10", "1.5"), ("> 100", "-4")]


def test_unique_gives_the_outputs_of_the_one_rule_that_matches(sandbox: Sandbox) -> None:
    xml = table(
        AMOUNT, [("level", "string"), ("days", "number")], [("<= 10", '"low"', "3"), ("> 10", '"high"', "1")]
    )
    result = decide(sandbox, xml, amount=11)
    assert result.outputs == {"level": "high", "days": 1}
    assert result.matched_rules == ["r2"]


def test_unique_without_a_match_gives_nothing(sandbox: Sandbox) -> None:
    result = decide(sandbox, table(AMOUNT, LEVEL, [("> 10", '"low"')]), amount=1)
    assert (result.outputs, result.matched_rules) == (None, [])


def test_unique_with_two_matches_fails_and_names_the_rules(sandbox: Sandbox) -> None:
    with pytest.raises(DecisionFailed) as failed:
        decide(sandbox, table(AMOUNT, LEVEL, OVERLAPPING), amount=101)
    assert (
        str(failed.value) == "“Check check”: rules 1 (r1), 2 (r2) match together, but only one may (UNIQUE)."
    )


def test_unique_is_the_hit_policy_where_none_is_said(sandbox: Sandbox) -> None:
    xml = table(AMOUNT, LEVEL, OVERLAPPING).replace('hitPolicy="UNIQUE"', "")
    with pytest.raises(DecisionFailed, match="UNIQUE"):
        decide(sandbox, xml, amount=101)


def test_first_gives_the_first_match_and_looks_no_further(sandbox: Sandbox) -> None:
    rules = [*OVERLAPPING, ("1 > 0", '"never"')][:3]
    result = decide(sandbox, table(AMOUNT, LEVEL, [*rules, ("> limit", '"x"')], policy="FIRST"), amount=1001)
    assert (result.outputs, result.matched_rules) == ({"level": "low"}, ["r1"])


def test_any_gives_the_result_all_matches_agree_on(sandbox: Sandbox) -> None:
    xml = table(AMOUNT, LEVEL, [("> 10", '"low"'), ("> 100", '"low"')], policy="ANY")
    result = decide(sandbox, xml, amount=101)
    assert (result.outputs, result.matched_rules) == ({"level": "low"}, ["r1", "r2"])


def test_any_fails_when_matches_disagree(sandbox: Sandbox) -> None:
    with pytest.raises(
        DecisionFailed, match=r"rules 1 \(r1\), 2 \(r2\) match together with different results \(ANY\)"
    ):
        decide(sandbox, table(AMOUNT, LEVEL, OVERLAPPING, policy="ANY"), amount=101)


def test_priority_gives_the_output_that_stands_first_among_the_output_values(sandbox: Sandbox) -> None:
    result = decide(sandbox, table(AMOUNT, LEVEL, OVERLAPPING, policy="PRIORITY", values=LEVELS), amount=2000)
    assert (result.outputs, result.matched_rules) == ({"level": "high"}, ["r2"])


def test_priority_of_several_outputs_goes_from_left_to_right(sandbox: Sandbox) -> None:
    outputs = [("level", "string"), ("days", "number")]
    rules = [("> 0", '"low"', "1"), ("> 0", '"high"', "5"), ("> 0", '"high"', "1")]
    values = {**LEVELS, "days": "1,5"}
    result = decide(sandbox, table(AMOUNT, outputs, rules, policy="PRIORITY", values=values), amount=1)
    assert result.matched_rules == ["r3"]


def test_output_order_sorts_all_results_by_priority(sandbox: Sandbox) -> None:
    xml = table(AMOUNT, LEVEL, OVERLAPPING, policy="OUTPUT ORDER", values=LEVELS)
    result = decide(sandbox, xml, amount=2000)
    assert result.outputs == [{"level": "high"}, {"level": "low"}, {"level": "low"}]
    assert result.matched_rules == ["r2", "r1", "r3"]


@pytest.mark.parametrize("policy", ["RULE ORDER", "COLLECT"])
def test_rule_order_and_collect_give_all_results_in_the_order_of_the_rules(
    sandbox: Sandbox, policy: str
) -> None:
    result = decide(sandbox, table(AMOUNT, LEVEL, OVERLAPPING, policy=policy), amount=2000)
    assert result.outputs == [{"level": "low"}, {"level": "high"}, {"level": "low"}]
    assert result.matched_rules == ["r1", "r2", "r3"]
    assert decide(sandbox, table(AMOUNT, LEVEL, OVERLAPPING, policy=policy), amount=1).outputs == []


@pytest.mark.parametrize(
    ("function", "of_three", "of_none"),
    [("SUM", 0.5, None), ("MIN", -4, None), ("MAX", 3, None), ("COUNT", 3, 0)],
)
def test_collect_aggregates(sandbox: Sandbox, function: str, of_three: float, of_none: int | None) -> None:
    xml = table(AMOUNT, [("n", "number")], NUMBERS, policy="COLLECT", attributes=f'aggregation="{function}"')
    result = decide(sandbox, xml, amount=101)
    assert (result.outputs, result.matched_rules) == ({"n": of_three}, ["r1", "r2", "r3"])
    assert decide(sandbox, xml, amount=0).outputs == {"n": of_none}


def test_what_cannot_be_added_up_fails_and_names_the_rules(sandbox: Sandbox) -> None:
    rules = [("> 0", '"a"'), ("> 0", "1")]
    xml = table(AMOUNT, [("n", "Any")], rules, policy="COLLECT", attributes='aggregation="SUM"')
    with pytest.raises(DecisionFailed, match=r"the results of rules 1 \(r1\), 2 \(r2\) cannot be aggregated"):
        decide(sandbox, xml, amount=1)


@pytest.mark.parametrize(
    ("policy", "attributes", "result"),
    [
        ("UNIQUE", "", {"level": "none", "days": None}),
        ("FIRST", "", {"level": "none", "days": None}),
        ("RULE ORDER", "", [{"level": "none", "days": None}]),
    ],
)
def test_default_outputs_are_given_when_no_rule_matches(
    sandbox: Sandbox, policy: str, attributes: str, result: Any
) -> None:
    outputs = [("level", "string"), ("days", "number")]
    xml = table(
        AMOUNT,
        outputs,
        [("> 10", '"x"', "1")],
        policy=policy,
        attributes=attributes,
        defaults={"level": '"none"'},
    )
    assert decide(sandbox, xml, amount=1).outputs == result


def test_a_table_without_rules_never_matches(sandbox: Sandbox) -> None:
    assert decide(sandbox, table(AMOUNT, LEVEL, []), amount=1).outputs is None


def test_a_table_without_inputs_always_matches(sandbox: Sandbox) -> None:
    assert decide(sandbox, table([], LEVEL, [('"low"',)])).outputs == {"level": "low"}


def test_a_rule_is_named_with_its_label_description_or_annotation(sandbox: Sandbox) -> None:
    xml = table(AMOUNT, LEVEL, OVERLAPPING[:2])
    xml = xml.replace('<rule id="r1">', '<rule id="r1" label="Small">').replace(
        '<rule id="r2">', '<rule id="r2"><description>Big  one</description>'
    )
    with pytest.raises(DecisionFailed, match=r"rules 1 \(r1, “Small”\), 2 \(r2, “Big one”\) match together"):
        decide(sandbox, xml, amount=101)


@pytest.mark.parametrize("policy", ["PRIORITY", "OUTPUT ORDER"])
def test_a_result_without_a_place_among_the_output_values_is_a_violation(
    sandbox: Sandbox, policy: str
) -> None:
    xml = table(AMOUNT, LEVEL, [("> 0", "level")], policy=policy, values=LEVELS)
    assert decide(sandbox, xml, amount=1, level="low").matched_rules == ["r1"]
    with pytest.raises(
        DecisionFailed, match=r"a result of rule 1 \(r1\) has no place among the output values"
    ):
        decide(sandbox, xml, amount=1, level=None)
    with pytest.raises(DecisionFailed, match="is none of its allowed values"):
        decide(sandbox, xml, amount=1, level="other")
    with pytest.raises(NotDeployable):
        decide(sandbox, table(AMOUNT, LEVEL, [("> 0", "")], policy=policy, values=LEVELS), amount=1)


@pytest.mark.parametrize(
    ("kind", "cells", "function", "result"),
    [
        ("date", ['date("2027-01-02")', 'date("2027-01-01")'], "MIN", "2027-01-01"),
        (
            "dateTime",
            ['date and time("2027-01-01T09:00:00+08:00")', 'date and time("2027-01-01T02:00:00Z")'],
            "MAX",
            "2027-01-01T02:00:00+00:00",
        ),
        ("dayTimeDuration", ['duration("PT36H")', 'duration("P1D")'], "MAX", "P1DT12H"),
        ("number", ["0.1", "0.2"], "SUM", 0.3),
    ],
)
def test_dates_and_durations_are_aggregated_by_what_they_mean(
    sandbox: Sandbox, kind: str, cells: list[str], function: str, result: Any
) -> None:
    rules = [("> 0", cell) for cell in cells]
    xml = table(AMOUNT, [("x", kind)], rules, policy="COLLECT", attributes=f'aggregation="{function}"')
    assert decide(sandbox, xml, amount=1).outputs == {"x": result}
