"""A small company for the tests of the plan domain."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy.orm import Session

from engine import Database, OperationContext
from plans.operations import OPERATIONS
from plans.organisation import OrganisationDirectory, departments, people

NOW = datetime(2027, 2, 10, 9, 30, tzinfo=UTC)

PEOPLE = (
    ("director", ("management",), None),
    ("superior", ("superior",), "director"),
    ("operations_supervisor", ("operations_supervisor",), "superior"),
    ("second_supervisor", ("operations_supervisor",), "superior"),
    ("team_member_1", ("team_member",), "operations_supervisor"),
    ("team_member_2", ("team_member",), "operations_supervisor"),
    ("finance_head", (), "director"),
    ("auditor", ("auditor",), None),
)


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """A writing session in which the company exists."""
    with database.write() as opened:
        found_company(opened)
        yield opened


def found_company(session: Session) -> None:
    """People with superiors, and one department."""
    for name, roles, superior in PEOPLE:
        people.create_person(session, name, now=NOW, roles=roles, superior=superior)
    departments.create_department(session, "finance", "Finance", head="finance_head")
    departments.add_member(session, "finance", "team_member_2")


class Process:
    """Calls operations as a service task of one process instance would."""

    def __init__(self, session: Session, instance_id: str = "instance-1", now: datetime = NOW) -> None:
        self.context = OperationContext(
            session=session,
            directory=OrganisationDirectory(session),
            instance_id=instance_id,
            process_key="annual_plan",
            actor="operations_supervisor",
            starter="operations_supervisor",
            now=now,
        )

    def call(self, operation: str, **inputs: Any) -> dict[str, Any]:
        """The outputs of an operation."""
        return dict(OPERATIONS[operation](self.context, inputs))


@pytest.fixture
def process(session: Session) -> Process:
    """A process instance of the operations supervisor."""
    return Process(session)


def goal(name: str = "Grow orders", **changes: Any) -> dict[str, Any]:
    """A complete annual goal for 2027."""
    return {
        "name": name,
        "measure": "Orders",
        "unit": "orders",
        "target": 1200,
        "warning": 1000,
        "baseline": 900,
        "due": "2027-12-31",
        "owner": "team_member_1",
        "area": "growth",
        "serves": None,
        **changes,
    }


def plan_in_force(process: Process, goals: list[dict[str, Any]], **period: Any) -> str:
    """The id of a plan that was drafted, saved and put in force."""
    where = {"kind": "annual", "year": 2027, **period}
    owner = process.context.starter
    plan_id: str = process.call("plans.draft", **where, title="Plan", owner=owner)["plan_id"]
    process.call("plans.save", plan_id=plan_id, document={"overview": "First"}, goals=goals, actions=[])
    process.call("plans.put_in_force", plan_id=plan_id, approved_by="director")
    return plan_id
