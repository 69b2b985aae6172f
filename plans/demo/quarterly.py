"""The quarter of the demonstration: the review of the last one, and the plan of this one."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from plans.demo import targets
from plans.demo.annual import RATED_WELL
from plans.demo.company import DEPARTMENTS, SUPERIOR, SUPERVISOR, TEAM, head_of
from plans.demo.driver import Driver, Story
from plans.periods import Period

GROUNDS = {
    "finance": ("Accounts came on the third working day, without corrections.", "work_report"),
    "marketing": ("Both campaigns were delivered on the agreed days.", "statistics"),
    "customer_service": ("Complaints about late deliveries fell from 41 to 29 a month.", "customer_feedback"),
    "technology": ("The scanner update took place at night, as agreed.", "work_report"),
    "quality": ("Two of three inspections were without findings.", "site_inspection"),
    "human_resources": ("Shift plans were published four weeks ahead since the second month.", "statistics"),
}


def review(driver: Driver, last: Period) -> None:
    """Last quarter's review: assessed by every department, reported, approved and filed."""
    first = last.end + timedelta(days=1)
    driver.clock.set(first, 8)
    story = driver.start(
        "quarterly_review", SUPERVISOR, f"REVIEW-{last.reference}", year=last.year, quarter=last.quarter
    )
    for number, department in enumerate(DEPARTMENTS):
        story.on(first + timedelta(days=number // 2), 10 + number).do(
            "assess_quarter", head_of(department), "given", **_assessment(department, number)
        )
    story.on(first + timedelta(days=3)).do("assess_own_work", SUPERVISOR, **OWN_WORK)
    due = (first + timedelta(days=45)).isoformat()
    causes = [{**row, **CAUSE, "due": due} for row in story.variable("causes", SUPERVISOR)]
    if causes:
        story.do("analyse_causes", SUPERVISOR, causes=causes)
    report = {**REPORT, "causes": causes, "suggestions": [_suggestion(first)]}
    if last.quarter == 2:
        report["half_year_note"] = "The second half needs the drivers of the evening rounds from August on."
    story.on(first + timedelta(days=4)).do("compile_report", SUPERVISOR, **report)
    story.on(first + timedelta(days=5)).do(
        "superior_review",
        SUPERIOR,
        "approve",
        "Clear, and the measures are workable.",
        data_exact="yes",
        analysis_fair="yes",
        suggestions_workable="yes",
    )


def plan(driver: Driver, period: Period) -> None:
    """This quarter's plan: approved, filed with departments, explained, and confirmed by the whole team."""
    start = period.start + timedelta(days=6)
    driver.clock.set(start, 8)
    story = begin(driver, period)
    story.do("review_last_quarter", SUPERVISOR, **LAST_QUARTER)
    story.do(
        "adjust_goals",
        SUPERVISOR,
        goals=targets.of_quarter(period),
        goal_changes="The quarter takes its seasonal share of the volume; all other goals follow the year.",
    )
    story.on(start + timedelta(days=1)).do("improve_actions", SUPERVISOR, **_actions(period))
    story.do("compile_plan", SUPERVISOR, **DOCUMENT)
    story.on(start + timedelta(days=2), 14).do(
        "superior_review", SUPERIOR, "approve", "Agreed.", **RATED_WELL
    )
    held = start + timedelta(days=4)
    story.on(held).do("brief_team", SUPERVISOR, held_on=held.isoformat(), **BRIEFING)
    for number, member in enumerate(TEAM):
        story.on(held, 13 + number).do("confirm_plan", member, "confirm", **UNDERSTOOD)


def begin(driver: Driver, period: Period) -> Story:
    """Start a quarter's plan; it waits for the review of the last quarter."""
    return driver.start(
        "quarterly_plan",
        SUPERVISOR,
        f"OPS-{period.reference}",
        year=period.year,
        quarter=period.quarter,
        title=f"Quarterly operating plan {period.reference}",
    )


def actions(period: Period) -> list[dict[str, Any]]:
    """The key tasks of a quarter."""
    rows = (
        ("Fill the evening rounds", 0, "Weekly talk with sales, offers to framework customers"),
        ("Announce windows for half of the rounds", 1, "Train planners, switch on round by round"),
        ("Cut second deliveries", 2, "Call ahead, neighbours and lockers by default"),
        ("Check loading one hour before departure", 3, "List per gate, shift leader signs"),
        ("Publish shift plans four weeks ahead", 5, "Wishes until the tenth, plan on the fifteenth"),
    )
    return [
        {
            "task": task,
            "goal": targets.AIMS[aim].name,
            "steps": steps,
            "owner": TEAM[number % len(TEAM)],
            "start": (period.start + timedelta(days=7)).isoformat(),
            "end": (period.end - timedelta(days=7)).isoformat(),
            "resources": "Within the team",
            "result": "Visible in the monthly report",
        }
        for number, (task, aim, steps) in enumerate(rows)
    ]


def _actions(period: Period) -> dict[str, Any]:
    return {
        "focus": "Full evening rounds, and fewer second deliveries.",
        "strategy": "Windows first where second deliveries are most frequent.",
        "actions": actions(period),
    }


def _assessment(department: str, number: int) -> dict[str, Any]:
    grounds, source = GROUNDS[department]
    marks = {"work": 4 + (number == 1), "teamwork": 4 - (number == 4), "customer_feedback": 4}
    told: dict[str, Any] = {"wishes": "The volume forecast a week earlier."}
    for criterion, mark in marks.items():
        told |= {criterion: mark, f"{criterion}_grounds": grounds, f"{criterion}_source": source}
    return told


def _suggestion(first: date) -> dict[str, Any]:
    return {
        "suggestion": "Plan agency labour by the day instead of the week.",
        "owner": TEAM[0],
        "due": (first + timedelta(days=40)).isoformat(),
        "effect": "Four cents less per order",
    }


CAUSE = {
    "kind": "execution",
    "cause": "Agency labour was booked by the week and stood idle on quiet days; fuel rose by 6 %.",
    "measure": "Book by the day, replan rounds with less than 60 stops.",
    "owner": TEAM[0],
}

OWN_WORK: dict[str, Any] = {
    "own_work": 4,
    "own_work_grounds": "Eleven of twelve tasks of the quarter were finished in time.",
    "own_work_source": "work_report",
    "own_teamwork": 4,
    "own_teamwork_grounds": "One colleague left, two joined and work alone by now.",
    "own_teamwork_source": "site_inspection",
    "own_customer_feedback": 4,
    "own_customer_feedback_grounds": "Satisfaction rose again in the survey.",
    "own_customer_feedback_source": "statistics",
    "own_experience": "The check an hour before departure found most causes of late vans.",
}

REPORT: dict[str, Any] = {
    "execution": "Eleven of twelve tasks were carried out; the move of slow articles waits for the forklift.",
    "goal_completion": "Volume and punctuality are on their way; the cost per order is at its warning value.",
    "problems": [
        {"problem": "Rounds with few stops drive every day", "cause": "They are planned by the week."}
    ],
}

LAST_QUARTER: dict[str, Any] = {
    "goal_completion": "Volume and satisfaction follow the plan; the cost per order is at its warning value.",
    "strategy_effect": "Evening rounds are well used; announced windows halve the questions on the phone.",
    "problems": [
        {
            "problem": "The cost per order does not fall as planned",
            "cause": "Agency labour was booked by the week, and fuel rose by 6 %.",
            "remedy": "Book by the day, and replan rounds with less than 60 stops.",
        }
    ],
    "market_progress": "A competitor raised prices by 2 %; demand in the evening grows.",
    "business_progress": "The second framework contract started; complaints fell by a third.",
}

DOCUMENT: dict[str, Any] = {
    "overview": "The quarter fills the evening rounds and brings the cost per order down from its warning value.",
    "resources": [
        {
            "kind": "people",
            "item": "Planner for rounds",
            "quantity": 1,
            "unit": "person",
            "purpose": "Fuller rounds",
        }
    ],
    "risks": [
        {
            "risk": "Peak weeks need more drivers than there are",
            "likelihood": "medium",
            "impact": "medium",
            "response": "Agree on ten agency drivers by the day.",
            "owner": SUPERVISOR,
        }
    ],
    "departments_concerned": ["finance", "marketing", "customer_service"],
}

BRIEFING: dict[str, Any] = {
    "place": "Meeting room of the warehouse",
    "material": [{"name": "The plan on one page", "link": ""}],
    "attendees": [SUPERVISOR, *TEAM],
    "explained": "Goals, key tasks and their owners; how rounds are replanned, with an exercise.",
}

UNDERSTOOD: dict[str, Any] = {"understands_plan": True, "understands_duty": True, "understands_tasks": True}
