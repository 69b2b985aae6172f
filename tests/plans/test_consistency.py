"""Quarterly goals against the annual plan (policy Q3)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy.orm import Session

from tests.plans.conftest import Process, goal, plan_in_force


def quarterly(**changes: Any) -> dict[str, Any]:
    return goal("More orders", **{"target": 300, "due": "2027-03-31", "serves": "Grow orders", **changes})


def level(name: str = "Happier customers", **changes: Any) -> dict[str, Any]:
    return goal(
        name, measure="Satisfaction", unit="%", **{"target": 92, "warning": 85, "baseline": 86, **changes}
    )


def problems(process: Process, goals: list[dict[str, Any]], quarter: int = 1) -> list[str]:
    result = process.call("plans.check_consistency", goals=goals, year=2027, quarter=quarter)
    assert result["consistent"] == (result["findings"] == [])
    return [finding["problem"] for finding in result["findings"]]


def test_a_quarter_that_carries_its_share_is_consistent(process: Process) -> None:
    plan_in_force(process, [goal()])
    assert problems(process, [quarterly()]) == []


def test_without_an_annual_plan_there_is_nothing_to_be_consistent_with(process: Process) -> None:
    result = process.call("plans.check_consistency", goals=[quarterly()], year=2027, quarter=1)
    assert result["findings"][0]["goal"] is None
    assert "no annual plan of 2027 in force" in result["findings"][0]["problem"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"serves": None}, "does not say which annual goal"),
        ({"serves": "Fly"}, "serves “Fly”, which is not a goal of the annual plan (“Grow orders”)"),
        ({"unit": "parcels"}, "measured in parcels, the annual goal in orders"),
        ({"due": "2027-04-01"}, "due on 2027-04-01, outside 2027-Q1"),
        ({"target": 149}, "149 is less than half of an even share (300) of the 1,200 orders that remain"),
    ],
)
def test_a_goal_that_does_not_fit_is_named_with_the_reason(
    process: Process, changes: dict[str, Any], words: str
) -> None:
    plan_in_force(process, [goal()])
    result = process.call("plans.check_consistency", goals=[quarterly(**changes)], year=2027, quarter=1)
    [finding] = result["findings"]
    assert finding["goal"] == "More orders"
    assert words in finding["problem"]


def test_the_four_quarters_must_add_up_to_the_year(process: Process) -> None:
    plan_in_force(process, [goal()])
    for number, due in ((1, "2027-03-31"), (2, "2027-06-30"), (3, "2027-09-30")):
        plan_in_force(process, [quarterly(target=280, due=due)], kind="quarterly", quarter=number)
    [problem] = problems(process, [quarterly(target=300, due="2027-12-31")], quarter=4)
    assert problem == (
        "The four quarters come to 1,140, below the annual target of 1,200 orders; 60 are missing."
    )
    assert problems(process, [quarterly(target=360, due="2027-12-31")], quarter=4) == []


def test_a_quarter_without_a_plan_counts_as_an_even_share(process: Process) -> None:
    plan_in_force(process, [goal()])
    assert problems(process, [quarterly(target=300, due="2027-12-31")], quarter=4) == []


def test_several_goals_may_carry_one_annual_goal_together(process: Process) -> None:
    plan_in_force(process, [goal()])
    halves = [quarterly(target=100), {**quarterly(target=100), "name": "More orders online"}]
    assert problems(process, halves) == []


def test_a_cost_may_not_exceed_the_annual_limit(process: Process) -> None:
    cost = {"measure": "Cost", "unit": "EUR", "target": 1000, "warning": 1100}
    plan_in_force(process, [goal("Spend less", **cost)])
    [problem] = problems(process, [quarterly(**{**cost, "target": 1100}, serves="Spend less")])
    assert problem == "With 1,100 the quarters so far come to 1,100, above the annual limit of 1,000 EUR."


def test_a_level_may_not_fall_below_where_the_year_began(process: Process) -> None:
    plan_in_force(process, [level()])
    served = {"serves": "Happier customers", "due": "2027-03-31"}
    assert problems(process, [level("Quarter", target=88, **served)]) == []
    [problem] = problems(process, [level("Quarter", target=84, **served)])
    assert problem == "84 is below where the year began, 86 %."


def test_the_fourth_quarter_reaches_the_annual_level(process: Process) -> None:
    plan_in_force(process, [level()])
    served = {"serves": "Happier customers", "due": "2027-12-31"}
    [problem] = problems(process, [level("Quarter", target=90, **served)], quarter=4)
    assert problem == "The year ends at 90, below the annual target of 92 %."


def test_another_supervisors_quarter_is_no_part_of_this_year(process: Process, session: Session) -> None:
    plan_in_force(process, [goal()])
    others = replace(process.context, starter="second_supervisor")
    stranger = Process(session)
    stranger.context = others
    plan_in_force(stranger, [quarterly(target=1)], kind="quarterly", quarter=1)
    assert problems(process, [quarterly(target=300, due="2027-12-31")], quarter=4) == []
