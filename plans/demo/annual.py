"""The annual plan of the demonstration, step by step as the forms of ``annual_plan`` ask."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from plans.demo import adjusting, targets
from plans.demo.company import MANAGEMENT_1, SUPERIOR, SUPERVISOR, SUPERVISOR_NORTH, TEAM, TEAM_NORTH
from plans.demo.driver import Driver, Story

RATED_WELL = {"strategy_fit": "yes", "goals_reasonable": "yes", "resources_match": "yes"}
AREAS_LEFT_OUT: list[dict[str, str]] = []


def in_force(driver: Driver, year: int) -> None:
    """The year's plan: sent back once by the superior, revised, approved by management, in force."""
    before = year - 1
    driver.clock.set(date(before, 11, 9), 9)
    story = driver.start("annual_plan", SUPERVISOR, f"OPS-{year}", **_start(year, "")).on(
        date(before, 11, 16)
    )
    _prepare(story, SUPERVISOR, year, TEAM, _as_first_planned)
    story.on(date(before, 12, 2), 15).do(
        "superior_review",
        SUPERIOR,
        "return",
        "The forecast names two vans, but the evening rounds need three drivers as well. Add them and their cost.",
        strategy_fit="yes",
        goals_reasonable="yes",
        resources_match="partly",
        resources_match_note="Drivers for the evening rounds are missing.",
    )
    story.on(date(before, 12, 4)).do(
        "choose_revision",
        SUPERVISOR,
        "document",
        revision_note="Drivers and their cost added to the forecast.",
    )
    story.do("compile_plan", SUPERVISOR, **_document(SUPERVISOR, drivers=3))
    story.on(date(before, 12, 8), 14).do(
        "superior_review", SUPERIOR, "approve", "Complete now.", **RATED_WELL
    )
    story.on(date(before, 12, 15), 11).do(
        "management_approval",
        MANAGEMENT_1,
        "approve",
        "Approved. Report on the cost per order every quarter.",
        budget_granted=640000,
        instructions="Agency labour stays below 8 % of the hours.",
    )


def waiting_for_management(driver: Driver, today: date) -> None:
    """Next year's plan of the northern region: reviewed, and waiting for management's approval."""
    year = today.year + 1
    story = driver.start("annual_plan", SUPERVISOR_NORTH, f"OPS-NORTH-{year}", **_start(year, ", north"))
    _prepare(story, SUPERVISOR_NORTH, year, TEAM_NORTH)
    story.do("superior_review", SUPERIOR, "approve", "Sound, and the margin is realistic.", **RATED_WELL)


def _start(year: int, region: str) -> dict[str, Any]:
    return {
        "year": year,
        "title": f"Annual operating plan {year}{region}",
        "focus": "More orders with the same warehouse, and customers who know when we come.",
    }


Rows = list[dict[str, Any]]


def _as_first_planned(goals: Rows, lines: Rows) -> tuple[Rows, Rows]:
    """What the year's plan said before it was adjusted, see :func:`plans.demo.adjusting.carried_out`."""
    first = adjusting.FIRST_TARGET
    return (
        [{**row, "target": first} if row["name"] == adjusting.LATE_GOAL else row for row in goals],
        [
            {**row, "end": row["end"].replace(adjusting.END, adjusting.FIRST_END)}
            if row["task"] == adjusting.LATE_ACTION
            else row
            for row in lines
        ],
    )


def _unchanged(goals: Rows, lines: Rows) -> tuple[Rows, Rows]:
    return goals, lines


def _prepare(
    story: Story,
    by: str,
    year: int,
    team: tuple[str, ...],
    change: Callable[[Rows, Rows], tuple[Rows, Rows]] = _unchanged,
) -> None:
    goals = [
        {**goal, "owner": by if goal["owner"] == SUPERVISOR else team[n % len(team)]}
        for n, goal in enumerate(targets.of_year(year))
    ]
    goals, lines = change(goals, actions(year, team))
    story.do("collect_information", by, **INFORMATION)
    story.do("assess_present", by, **PRESENT)
    story.do("set_goals", by, goals=goals, areas_left_out=AREAS_LEFT_OUT)
    story.do("set_strategies", by, **STRATEGIES, actions=lines)
    story.do("compile_plan", by, **_document(by, drivers=0))


def actions(year: int, team: tuple[str, ...]) -> list[dict[str, Any]]:
    """The action plan of a year: one line for each goal, and owners from the team."""
    return [
        {
            "task": task,
            "goal": aim.name,
            "owner": team[number % len(team)],
            "start": f"{year}-{start}",
            "end": f"{year}-{end}",
            "resources": resources,
            "result": result,
        }
        for number, (aim, (task, start, end, resources, result)) in enumerate(
            zip(targets.AIMS, ACTIONS, strict=True)
        )
    ]


ACTIONS = (
    ("Open two evening rounds", "02-01", "06-30", "Two vans, three drivers", "3,500 more orders a month"),
    (
        "Announce two-hour delivery windows",
        "03-01",
        "09-30",
        "Route planning, 40,000 EUR",
        "Windows for all rounds",
    ),
    (
        "Replan rounds for fuller vans",
        "01-15",
        "11-30",
        "One planner",
        "Seven percent more stops on each round",
    ),
    (
        "Introduce a loading plan per gate",
        "02-15",
        "10-31",
        "Shift leaders, two days of training",
        "Late loading halved",
    ),
    (
        "Move slow articles to the upper racks",
        "04-01",
        "12-15",
        "One forklift, weekend shifts",
        "800 pallets of space",
    ),
    (
        "Plan shifts four weeks ahead",
        "01-10",
        "12-20",
        "Planning tool, 12,000 EUR",
        "No change within five days",
    ),
    (
        "Show customers their round on the map",
        "05-01",
        "12-10",
        "Technology, 60 days of work",
        "Half the questions",
    ),
)

INFORMATION: dict[str, Any] = {
    "strategy_documents": [
        {
            "name": "Company strategy, three years",
            "link": "intranet/strategy",
            "points": "Grow in the region without a second warehouse; be recommended by customers.",
        }
    ],
    "business_goals": "Sales up ten percent, the operating margin up one point, no second warehouse.",
    "industry_trends": "Online orders grow by about 9 % a year; customers expect a two-hour window.",
    "competitors": "One competitor delivers in the evening since autumn; prices fell by 3 %.",
    "demand": "Two framework contracts begin in spring, about 2,000 orders a month.",
    "market_sources": [{"source": "Association of carriers, yearly report", "link": "", "as_of": None}],
    "business_reports": [
        {
            "name": "Operations report",
            "link": "",
            "figures": "Cost per order 4.35 EUR, on-time delivery 94.2 %.",
        }
    ],
    "last_year_lessons": "Goals without a reading each month were noticed too late; cost was planned too low.",
}

PRESENT: dict[str, Any] = {
    "indicator_completion": "Five of seven goals were reached; cost per order and staff turnover were missed.",
    "process_efficiency": "Loading takes 48 minutes for each van; a third of it is waiting.",
    "process_rating": "sufficient",
    "team_capability": "All shift leaders are trained; two of nine planners are new.",
    "team_rating": "strong",
    "problems": [
        {
            "problem": "Vans leave the gates late",
            "severity": "high",
            "cause": "Orders are picked by arrival, not by departure of the round.",
        }
    ],
    "risks": [{"risk": "Fuel prices rise", "likelihood": "medium", "impact": "high"}],
}

STRATEGIES: dict[str, Any] = {
    "expansion": "Evening rounds in the two districts with the most second deliveries.",
    "product": "Delivery in a two-hour window as standard; by appointment for a fee.",
    "marketing": "The window is announced the day before, with a link to the map.",
    "customer_service": "Standard answers for the ten usual questions; complaints are called back within a day.",
}


def _document(by: str, drivers: int) -> dict[str, Any]:
    people = [
        {
            "kind": "people",
            "item": "Drivers, evening rounds",
            "quantity": drivers,
            "unit": "people",
            "purpose": "Evening rounds",
        }
    ]
    return {
        "overview": "We deliver ten percent more orders from the same warehouse, at 30 cents less for each, "
        "and customers know a day ahead when we come.",
        "resources": [
            {"kind": "material", "item": "Vans", "quantity": 2, "unit": "vans", "purpose": "Evening rounds"},
            {
                "kind": "money",
                "item": "Route planning",
                "quantity": 40000,
                "unit": "EUR",
                "purpose": "Delivery windows",
            },
            *(people if drivers else []),
        ],
        "resource_forecast": "The evening rounds pay for themselves from the fourth month.",
        "risks": [
            {
                "risk": "Fuel prices rise",
                "likelihood": "medium",
                "impact": "high",
                "response": "Half of the need is bought ahead for a year.",
                "owner": by,
            }
        ],
    }
