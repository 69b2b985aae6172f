"""A plan as processes carry it in their variables."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from plans import plans, versions
from plans.periods import Period
from plans.plans import Plan


def planview(session: Session, found: Plan) -> dict[str, Any]:
    """A plan with what its current version says: the one in force, else the draft. JSON throughout."""
    version = versions.current(session, found.id)
    contents = versions.read(session, found.id, version.version if version else 0)
    return {
        "plan_id": found.id,
        "reference": found.reference,
        "title": found.title,
        "kind": found.kind,
        "year": found.year,
        "quarter": found.quarter,
        "month": found.month,
        "version": version.version if version else None,
        "status": found.status,
        "owner": found.owner,
        "document": dict(contents.document),
        "goals": [goal.as_json() for goal in contents.goals],
        "actions": [action.as_json() for action in contents.actions],
        "resources": list(contents.resources),
        "risks": list(contents.risks),
    }


def of_period(session: Session, period: Period, owner: str | None) -> dict[str, Any] | None:
    """The plan in force for a period, see :func:`plans.plans.find_in_force`; None when there is none."""
    found = plans.find_in_force(session, period, owner)
    return planview(session, found) if found else None
