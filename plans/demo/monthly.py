"""The months of the demonstration: this one released and confirmed, the next one short of drivers."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from plans.demo import targets
from plans.demo.annual import RATED_WELL
from plans.demo.company import SUPERIOR, SUPERVISOR, TEAM
from plans.demo.driver import Driver, Story
from plans.periods import Period


def released(driver: Driver, period: Period) -> None:
    """This month's plan: approved before it began, released on its first day, confirmed by all but one."""
    driver.clock.set(period.start - timedelta(days=5), 9)
    story = _prepared(driver, period, drivers=4)
    story.do("compile_plan", SUPERVISOR, **_document(period))
    story.on(period.start - timedelta(days=3)).do(
        "superior_review", SUPERIOR, "approve", "Agreed.", **RATED_WELL
    )
    story.on(period.start, 7)
    driver.let_timers_fire()
    story.on(period.start, 9).do("hold_meeting", SUPERVISOR, held_on=period.start.isoformat(), **MEETING)
    for number, member in enumerate(TEAM[:-1]):
        story.on(period.start, 11 + number).do("confirm_month", member, "confirm", **CONFIRMED)


def short_of_drivers(driver: Driver, period: Period, planned: Period) -> None:
    """Next month's plan: two drivers are missing, and the superior has to decide.

    ``planned`` is the quarter whose plan is in force; a month after it has no goals yet that it could serve.
    """
    _prepared(driver, period, drivers=2, serves=period.quarter == planned.quarter)


def _prepared(driver: Driver, period: Period, drivers: int, serves: bool = True) -> Story:
    story = driver.start(
        "monthly_plan",
        SUPERVISOR,
        f"OPS-{period.reference}",
        year=period.year,
        month=period.month,
        title=f"Monthly operating plan {period.reference}",
    )
    story.do("break_down_tasks", SUPERVISOR, **_tasks(period, serves))
    story.do("detail_actions", SUPERVISOR, actions=_actions(period))
    return story.do("coordinate_resources", SUPERVISOR, resources=_resources(drivers))


def _tasks(period: Period, serves: bool) -> dict[str, Any]:
    return {
        "progress": "The evening rounds run at 82 % of their places; windows are announced on nine rounds.",
        "focus": "Fill the evening rounds, and fewer second deliveries.",
        "tasks": [
            {
                "name": name,
                "owner": TEAM[number],
                "serves": targets.AIMS[aim].name if serves else None,
                "measure": measure,
                "target": target,
                "unit": unit,
                "due": (period.end - timedelta(days=3)).isoformat(),
            }
            for number, (name, aim, measure, target, unit) in enumerate(TASKS)
        ],
    }


def _actions(period: Period) -> list[dict[str, Any]]:
    return [
        {
            "task": step,
            "goal": task[0],
            "steps": steps,
            "owner": TEAM[number],
            "start": period.start.isoformat(),
            "end": (period.end - timedelta(days=4)).isoformat(),
            "result": result,
            "resources": "Within the team",
        }
        for number, (task, (step, steps, result)) in enumerate(zip(TASKS, STEPS, strict=True))
    ]


def _resources(drivers: int) -> list[dict[str, Any]]:
    return [
        {
            "kind": "people",
            "item": "Drivers, evening rounds",
            "needed": 4,
            "available": drivers,
            "unit": "people",
            "department": None,
            "agreed": False,
            "remark": ""
            if drivers == 4
            else "Two drivers are on parental leave; the agency has none before the tenth.",
        },
        {
            "kind": "material",
            "item": "Vans",
            "needed": 2,
            "available": 2,
            "unit": "vans",
            "department": None,
            "agreed": False,
            "remark": "",
        },
    ]


def _document(period: Period) -> dict[str, Any]:
    middle: date = period.start + timedelta(days=14)
    return {
        "overview": "The month fills the evening rounds and replans the five emptiest ones.",
        "reminders": [
            {"date": middle.isoformat(), "reminder": "Shift plan of the month after next is published"}
        ],
        "risks": [
            {
                "risk": "A driver falls ill",
                "likelihood": "medium",
                "impact": "low",
                "response": "One colleague of each shift is on call.",
            }
        ],
    }


TASKS = (
    ("Fill the evening rounds to 90 %", 0, "Places used in the evening", 90, "%"),
    ("Announce windows on twelve rounds", 1, "Rounds with windows", 12, "rounds"),
    ("Replan the five emptiest rounds", 2, "Stops per round", 65, "stops"),
)

STEPS = (
    ("Offer evening delivery to framework customers", "List, call, confirm in writing", "1,200 orders more"),
    ("Switch on three more rounds", "Train the planner, test a day, switch on", "Three rounds in week two"),
    ("Join neighbouring rounds", "Compare stops, draw new borders, tell drivers", "Five rounds become four"),
)

MEETING: dict[str, Any] = {
    "place": "Canteen, before the early shift",
    "attendees": [SUPERVISOR, *TEAM],
    "explained": "Tasks, owners and dates of the month; what changes on the five rounds.",
    "decisions": "Drivers get the new borders on paper as well.",
}

CONFIRMED: dict[str, Any] = {"confirms_goals": True, "confirms_focus": True, "confirms_times": True}
