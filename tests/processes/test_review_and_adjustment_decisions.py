"""What the decisions of the quarterly review and the plan adjustment say, row by row where it matters."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.decisions import evaluate, read_decisions
from engine.sandbox import Sandbox

PROCESSES = Path(__file__).parents[2] / "processes"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    shared = Sandbox()
    yield shared
    shared.close()


def _decide(sandbox: Sandbox, process: str, name: str, variables: dict[str, Any]) -> Any:
    (decision,) = read_decisions((PROCESSES / process / f"{name}.dmn").read_bytes())
    return evaluate(decision, variables, sandbox.evaluate).outputs


def _class(sandbox: Sandbox, **figures: Any) -> tuple[str, bool]:
    indicator = {"actual": None, "target": 100, "warning": 80, "achievement_rate": None, **figures}
    found = _decide(sandbox, "quarterly_review", "indicator_class", {"indicator": indicator})
    return found["outcome"], found["analysis_required"]


def test_an_indicator_without_reading_is_noticed_and_explained(sandbox: Sandbox) -> None:
    assert _class(sandbox, status="no_data") == ("no_reading", True)


def test_a_reached_target_needs_no_cause(sandbox: Sandbox) -> None:
    assert _class(sandbox, status="on_target", actual=101, achievement_rate=101) == ("on_target", False)


@pytest.mark.parametrize("actual", [80, 60])
def test_at_or_beyond_the_warning_value_is_missed(sandbox: Sandbox, actual: int) -> None:
    assert _class(sandbox, status="warning", actual=actual, achievement_rate=actual) == ("missed", True)


def test_a_cost_beyond_its_warning_value_is_missed_though_it_is_the_higher_number(sandbox: Sandbox) -> None:
    cost = {"target": 20, "warning": 25, "actual": 26, "achievement_rate": 70}
    assert _class(sandbox, status="warning", **cost) == ("missed", True)


def test_near_the_warning_value_a_cause_is_asked_for_when_the_target_is_far(sandbox: Sandbox) -> None:
    assert _class(sandbox, status="warning", actual=81, achievement_rate=81) == ("near_warning", True)
    close = {"target": 100, "warning": 97, "actual": 97.2, "achievement_rate": 97.2}
    assert _class(sandbox, status="warning", **close) == ("near_warning", False)


def test_below_ninety_percent_is_missed_and_above_only_slightly_below(sandbox: Sandbox) -> None:
    assert _class(sandbox, status="below_target", actual=89, achievement_rate=89) == ("missed", True)
    assert _class(sandbox, status="below_target", actual=95, achievement_rate=95) == ("below_target", False)


@pytest.mark.parametrize(
    ("outcomes", "mark", "result"),
    [
        (["on_target"] * 4, 4.0, "met"),
        ([], 4.0, "met"),
        (["on_target"] * 4, 2.9, "mostly_met"),
        (["on_target"] * 4, 1.9, "not_met"),
        (["on_target"] * 3 + ["missed"], 4.0, "mostly_met"),
        (["on_target", "missed", "near_warning"], 4.0, "not_met"),
        (["on_target"] * 7 + ["missed"] * 3, 4.0, "not_met"),
        (["on_target"] * 7 + ["no_reading"] * 3, 4.0, "not_assessable"),
    ],
)
def test_a_quarter_is_judged_by_figures_and_marks(
    sandbox: Sandbox, outcomes: list[str], mark: float, result: str
) -> None:
    variables = {"findings": [{"outcome": each} for each in outcomes], "average_mark": mark}
    assert _decide(sandbox, "quarterly_review", "quarter_result", variables)["result"] == result


def _asked(sandbox: Sandbox, ground: str, areas: list[str], changes: list[str]) -> set[str]:
    variables = {"ground": ground, "affected_areas": areas, "changes": changes}
    rows = _decide(sandbox, "plan_adjustment", "departments_to_ask", variables)
    return {row["department"] for row in rows}


def test_ground_and_areas_choose_the_departments(sandbox: Sandbox) -> None:
    assert _asked(sandbox, "market_change", ["growth"], ["goals"]) == {"marketing"}
    assert _asked(sandbox, "market_change", ["team"], ["resources"]) == {
        "marketing",
        "human_resources",
        "finance",
    }
    assert _asked(sandbox, "emergency", ["process"], ["actions"]) == {
        "customer_service",
        "finance",
        "technology",
        "quality",
    }


@pytest.mark.parametrize("ground", ["market_change", "strategy_change", "serious_defect", "emergency"])
def test_every_ground_has_deadlines_and_only_an_emergency_counts_in_hours(
    sandbox: Sandbox, ground: str
) -> None:
    deadlines = _decide(sandbox, "plan_adjustment", "adjustment_deadlines", {"ground": ground})
    in_hours = {name for name, value in deadlines.items() if value.startswith("PT")}
    assert in_hours == (set(deadlines) if ground == "emergency" else set())


def test_a_change_that_was_not_approved_cannot_slip_in(sandbox: Sandbox) -> None:
    change = {"part": "Goal"}
    variables = {
        "differences": [change],
        "goal_changes": [change],
        "changes": ["actions"],
        "kind": "annual",
        "goals": [{"name": "Orders", "measure": "Orders", "unit": "orders", "target": 9}],
        "actions": [],
    }
    reasons = _decide(sandbox, "plan_adjustment", "adjustment_check", variables)
    assert [row["reason"] for row in reasons] == ["A goal differs, but no change of goals was approved."]


def test_an_adjustment_plan_that_changes_nothing_or_runs_backwards_is_found(sandbox: Sandbox) -> None:
    backwards = {"task": "Campaign", "goal": "Gone", "start": "2027-05-02", "end": "2027-05-01"}
    variables = {
        "differences": [],
        "goal_changes": [],
        "changes": ["goals"],
        "kind": "annual",
        "goals": [],
        "actions": [backwards],
    }
    reasons = {row["reason"] for row in _decide(sandbox, "plan_adjustment", "adjustment_check", variables)}
    assert reasons == {
        "Nothing differs from the plan in force.",
        "An action ends before it starts.",
        "An action is meant for a goal that is not in the plan.",
        "The plan has no goal left.",
    }


@pytest.mark.parametrize(("kind", "found"), [("annual", True), ("quarterly", True), ("monthly", False)])
def test_only_the_tasks_of_a_month_may_go_without_a_measure(sandbox: Sandbox, kind: str, found: bool) -> None:
    variables = {
        "differences": [{"part": "Goal"}],
        "goal_changes": [{"part": "Goal"}],
        "changes": ["goals"],
        "kind": kind,
        "goals": [{"name": "Tidy the hall", "measure": "", "unit": "", "target": None}],
        "actions": [],
    }
    reasons = _decide(sandbox, "plan_adjustment", "adjustment_check", variables)
    assert ("A goal has no measure, unit or target value." in [r["reason"] for r in reasons]) is found
