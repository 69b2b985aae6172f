"""Adjustments of the annual plan: one that was carried out in spring, and one that departments are evaluating."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from plans.demo.company import MANAGEMENT_1, SUPERIOR, SUPERVISOR, head_of
from plans.demo.driver import Driver, Story

LATE_GOAL, LATE_ACTION = "Use the warehouse better", "Move slow articles to the upper racks"
FIRST_TARGET, TARGET = 86, 84
FIRST_END, END = "09-30", "12-15"
TAKES = timedelta(days=14)


def carried_out(driver: Driver, today: date) -> None:
    """The forklift came late: a goal was lowered and an action prolonged, so that the plan has two versions.

    It lies some months back; a year that is younger than that has not been adjusted yet.
    """
    begun = max(date(today.year, 1, 11), today - timedelta(days=220))
    if begun + TAKES > today:
        return
    driver.clock.set(begun, 9)
    story = driver.start(
        "plan_adjustment",
        SUPERVISOR,
        f"ADJUST-{today.year}-1",
        kind="annual",
        year=today.year,
        ground="serious_defect",
        summary="The forklift for the upper racks comes five months late",
    )
    story.do("write_application", SUPERVISOR, **_late_forklift(begun))
    heads = [department["head"] for department in story.variable("asked", SUPERVISOR)]
    for number, head in enumerate(heads):
        story.on(begun + timedelta(days=1 + number), 10).do("evaluate_change", head, "support", **EVALUATED)
    story.on(begun + timedelta(days=6), 15).do(
        "management_decision", MANAGEMENT_1, "approve", "Agreed; the rack is kept free until then.", **DECIDED
    )
    story.on(begun + timedelta(days=7)).do("write_adjustment_plan", SUPERVISOR, **_as_adjusted(story))
    story.on(begun + timedelta(days=8), 14).do("confirm_adjustment", SUPERIOR, "approve", **CONFIRMED)
    for head in heads:
        story.on(begun + timedelta(days=9), 11).do(
            "close_matters", head, "closed", informed=True, arrangements="Taken into the weekly plan."
        )


def _late_forklift(begun: date) -> dict[str, Any]:
    return {
        "reason": "The plan counts on a forklift from April on. The maker delivers in September, and nobody had "
        "asked for a binding date.",
        "evidence": "The maker's letter; use of the racks by month.",
        "changes": ["goals", "actions"],
        "goals_change": f"Warehouse space in use: target {TARGET} % instead of {FIRST_TARGET} %.",
        "actions_change": "Slow articles move until the middle of December instead of the end of September.",
        "affected_areas": ["resource"],
        "wanted_from": (begun + timedelta(days=10)).isoformat(),
        "expected_effect": "A goal that can be reached with the racks as they are.",
        "effect_of_waiting": "Weekend shifts are booked for a machine that is not there.",
        "effect_on_plans_below": "The quarterly goals for the warehouse follow.",
        "department_effects": [
            {
                "department": "finance",
                "effect": "The leasing rates begin five months later.",
                "response": "The budget of the racks is moved to autumn.",
            }
        ],
    }


def _as_adjusted(story: Story) -> dict[str, Any]:
    """The plan as the process filled it in, with what changes."""
    filled = {
        name: story.variable(name, SUPERVISOR) for name in ("goals", "actions", "strategies", "resources")
    }
    goals = [{**row, "target": TARGET} if row["name"] == LATE_GOAL else row for row in filled["goals"]]
    actions = [
        {**row, "end": row["end"].replace(FIRST_END, END)} if row["task"] == LATE_ACTION else row
        for row in filled["actions"]
    ]
    return {
        **filled,
        "goals": goals,
        "actions": actions,
        "adjustment_summary": f"The warehouse goal becomes {TARGET} %, and slow articles move until December.",
        "strategy_alignment": "Growing without a second warehouse stays the aim; it is reached more slowly.",
    }


EVALUATED = {
    "necessity": "yes",
    "reasonableness": "yes",
    "feasibility": "yes",
    "overall_effect": "yes",
    "effect_on_department": "Small: dates in the calendar move.",
}
DECIDED = {f"decided_{criterion}": "yes" for criterion in list(EVALUATED)[:4]}
CONFIRMED = {"strategy_fit": "yes", "within_approval": "yes", "resources_fit": "yes"}


def under_evaluation(driver: Driver, today: date) -> None:
    """Applied for because fuel rose; sales and marketing has answered, finance and others have not."""
    story = driver.start(
        "plan_adjustment",
        SUPERVISOR,
        f"ADJUST-{today.year}",
        kind="annual",
        year=today.year,
        ground="market_change",
        summary="Fuel costs 18 % more than the plan assumed",
    )
    story.do("write_application", SUPERVISOR, **_application(today))
    story.do(
        "evaluate_change", head_of("marketing"), "support", "Prices stay as they are announced.", **EVALUATION
    )


def _application(today: date) -> dict[str, Any]:
    return {
        "reason": "Fuel has risen by 18 % since summer. The cost per order stays at its warning value, although "
        "rounds are fuller and agency labour is down.",
        "evidence": "Fuel invoices of six months; monthly operations report.",
        "changes": ["goals", "actions"],
        "goals_change": "Cost per order: target 4.15 EUR instead of 4.05 EUR.",
        "actions_change": "Two electric vans come half a year earlier.",
        "affected_areas": ["cost", "growth", "satisfaction"],
        "wanted_from": (today + timedelta(days=21)).isoformat(),
        "expected_effect": "A goal that can be reached, and 6 cents less per order from the electric vans.",
        "effect_of_waiting": "The goal is missed, and the team stops believing in it.",
        "effect_on_plans_below": "The cost goal of the quarter follows.",
        "department_effects": [
            {
                "department": "finance",
                "effect": "The vans are paid half a year earlier.",
                "response": "Leasing spreads the payments over three years.",
            }
        ],
    }


EVALUATION = {
    "necessity": "yes",
    "reasonableness": "yes",
    "feasibility": "yes",
    "overall_effect": "partly",
    "effect_on_department": "Offers may name the electric vans half a year earlier.",
    "needs": "The day on which the first van drives, by the end of the month.",
}
