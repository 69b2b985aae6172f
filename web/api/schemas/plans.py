"""Answers about plans; the shapes follow :mod:`plans.views`."""

from __future__ import annotations

from typing import Any

from apiflask import Schema
from apiflask.fields import Date, Float, Integer, List, Nested
from marshmallow import pre_dump

from web.api.paging import page_of
from web.api.schemas.basics import json_object, maybe, maybe_time, number, rows, text, time

PERSON = "operations_supervisor"


def maybe_number(description: str, example: float | None = None) -> Float:
    """A number that may be null."""
    return Float(required=True, allow_none=True, metadata={"description": description, "example": example})


def maybe_count(description: str, example: int | None = None) -> Integer:
    """A whole number that may be null."""
    return Integer(required=True, allow_none=True, metadata={"description": description, "example": example})


def maybe_day(description: str) -> Date:
    """A day that may be null."""
    return Date(
        required=True, allow_none=True, metadata={"description": description, "example": "2027-12-31"}
    )


def table_rows(description: str, example: str) -> List[Any]:
    """Rows with whatever columns their form has."""
    return List(
        json_object("A row.", {"name": example}), required=True, metadata={"description": description}
    )


class PlanSummary(Schema):
    """A plan of one owner for one period."""

    id = text("The plan's id.")
    kind = text("`annual`, `quarterly` or `monthly`.", "annual")
    reference = text("Its period.", "2027")
    year = number("The year.", 2027)
    quarter = maybe_count("The quarter, 1 to 4.")
    month = maybe_count("The month, 1 to 12.")
    title = text("What it is called.", "Annual plan 2027")
    owner = text("Whose plan it is.", PERSON)
    owner_name = text("How that person is shown.", "Operations supervisor")
    status = text("`draft`, `in_force` or `released`.", "in_force")
    version = maybe_count("The version in force, else the draft's.", 2)
    goal_count = Integer(
        required=True, attribute="goals", metadata={"description": "How many goals it has.", "example": 5}
    )
    in_force_from = maybe_time("Since when it is in force.")
    updated_at = time("When it last changed.")
    instance_id = maybe("The process instance that drafts or drafted it.")


class Version(Schema):
    """What a plan said at a time."""

    version = number("Counts from 1.", 2)
    status = text("`draft`, `in_force` or `superseded`.", "in_force")
    created_at = time("When it was begun.")
    updated_at = time("When it last changed.")
    approved_by = maybe("Who approved it.", "management")
    in_force_from = maybe_time("Since when it is or was in force.")
    superseded_at = maybe_time("When a later one took its place.")
    ground = maybe("The ground of the adjustment that made it.", "market")
    reason = maybe("The reason given with it.")


class Reading(Schema):
    """A measured value."""

    day = maybe_day("When it was measured.")
    value = maybe_number("The value.", 81.5)
    source = maybe("Where it comes from.", "sales ledger")
    recorded_by = maybe("Who recorded it.", PERSON)


class Goal(Schema):
    """A goal and how far it has come."""

    name = text("The goal.", "More orders on time")
    measure = maybe("What is measured.", "Orders on time")
    unit = maybe("Its unit.", "%")
    target = maybe_number("The value to reach.", 95)
    warning = maybe_number("The value at which to be alarmed.", 90)
    baseline = maybe_number("Where it stood.", 88)
    due = maybe_day("By when.")
    owner = maybe("Whose goal it is.", PERSON)
    area = maybe("Which of the policy's areas.", "satisfaction")
    serves = maybe("The goal above that it serves.")
    indicator = maybe("The indicator that measures it.")
    actual = maybe_number("What was measured.", 91)
    expected = maybe_number("What should have been reached by now.", 93)
    previous = maybe_number("The same of the period before.", 88)
    achievement_rate = maybe_number("Actual over target.", 0.958)
    growth_rate = maybe_number("Growth over the period before.", 0.034)
    deviation_rate = maybe_number("Deviation from what was expected.", -0.022)
    status = text("How it stands.", "warning")
    latest = Nested(
        Reading, required=True, allow_none=True, metadata={"description": "The last measured value."}
    )

    @pre_dump
    def beside(self, progress: Any, **_: Any) -> Any:
        """The goal's and its progress's fields in one mapping."""
        return {**vars(progress.goal), **vars(progress)}


class Action(Schema):
    """A line of the action plan."""

    task = text("What is to be done.", "Second shift in the warehouse")
    owner = maybe("By whom.", PERSON)
    start = maybe_day("From when.")
    end = maybe_day("By when.")
    resources = maybe("With what.")
    result = maybe("What is to come of it.")
    goal = maybe("The goal it serves.")


class Department(Schema):
    """A department."""

    id = text("Its id.", "finance")
    name = text("Its name.", "Finance")


class Confirmation(Schema):
    """Somebody who confirmed to have understood the plan."""

    person = text("Who.", "team_member")
    person_name = text("How that person is shown.", "Team member")
    confirmed_at = time("When.")


class PlanDetail(PlanSummary):
    """A plan with what one of its versions says."""

    goal_count = Integer(
        required=True,
        attribute="plan.goals",
        metadata={"description": "How many goals it has.", "example": 5},
    )
    shown = Nested(Version, required=True, allow_none=True, metadata={"description": "The version shown."})
    versions = rows(Version, "The newest first.")
    document = json_object("The parts of the document, by name.", {"overview": "…"}, required=True)
    goals = rows(Goal, "The goals of the version shown.")
    actions = rows(Action, "The action plan of the version shown.")
    resources = table_rows("Rows of the resource table.", "Budget")
    risks = table_rows("Rows of the risk table.", "Late supplies")
    filed_with = rows(Department, "Departments that hold it on file.")
    confirmations = rows(Confirmation, "Who confirmed to have understood it.")
    released_at = maybe_time("When it was released to the team.")

    @pre_dump
    def beside(self, detail: Any, **_: Any) -> Any:
        """The plan's and its version's fields in one mapping."""
        return {**vars(detail.plan), **vars(detail)}


PlanPage = page_of("PlanPage", PlanSummary)
