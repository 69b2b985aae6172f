"""Who holds, received and understood a plan: filing (備案, Q6), release (M6) and confirmation (Q7, M7)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Table, insert, select
from sqlalchemy.orm import Session

from engine import FieldProblem, Invalid
from engine.messages import translatable
from plans import plans
from plans.organisation import departments, people
from plans.plans import Plan
from plans.tables import confirmation, filing


def file_with_departments(session: Session, plan_id: str, wanted: Iterable[str], now: datetime) -> list[str]:
    """Put a plan in force on file with these departments; return all that hold it now, sorted.

    Raises :class:`plans.refusals.NotInForce`, and :class:`Invalid` for a department that does not exist.
    """
    plans.get_in_force(session, plan_id, lock=True)
    asked = sorted(set(wanted))
    for department_id in asked:
        if not departments.exists(session, department_id):
            message = translatable("There is no department %(id)s.")
            problem = FieldProblem("departments", message, {"id": department_id})
            raise Invalid(message, [problem], id=department_id)
    _add_missing(session, filing, "department", plan_id, asked, {"filed_at": now})
    return filed_with(session, plan_id)


def filed_with(session: Session, plan_id: str) -> list[str]:
    """The departments that hold the plan, sorted."""
    return sorted(session.scalars(select(filing.c.department).where(filing.c.plan_id == plan_id)))


def release(session: Session, plan_id: str, now: datetime) -> tuple[Plan, list[str]]:
    """Release a plan in force to its owner's team (policy M6); return it and the team."""
    released = plans.mark_released(session, plan_id, now)
    return released, people.team(session, released.owner)


def confirm(
    session: Session, plan_id: str, names: Iterable[str], instance_id: str | None, now: datetime
) -> list[str]:
    """Note that these people understood the plan, their duty and tasks; return all who have, sorted."""
    plans.get_in_force(session, plan_id, lock=True)
    asked = sorted(set(names))
    for name in asked:
        people.require(session, name)
    _add_missing(
        session, confirmation, "person", plan_id, asked, {"confirmed_at": now, "instance_id": instance_id}
    )
    return sorted(session.scalars(select(confirmation.c.person).where(confirmation.c.plan_id == plan_id)))


def _add_missing(
    session: Session, table: Table, column: str, plan_id: str, keys: Iterable[str], values: dict[str, Any]
) -> None:
    there = set(session.scalars(select(table.c[column]).where(table.c.plan_id == plan_id)))
    rows = [{"plan_id": plan_id, column: key, **values} for key in keys if key not in there]
    if rows:
        session.execute(insert(table), rows)
