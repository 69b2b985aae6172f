"""What the plan domain tells others of: plans in force and changed, warnings of indicators, evaluations filed.

Whoever observes the engine, such as webhooks, hears of it when the command is committed. ``page`` is the path of the
page that shows it.
"""

from __future__ import annotations

from datetime import date

from engine import OperationContext
from plans import figures, indicators, plans, versions
from plans.evaluations import Evaluation
from plans.figures import Figure
from plans.organisation import people
from plans.periods import Period, quarter_at

IN_FORCE, CHANGED = "plan.in_force", "plan.changed"
WARNING, FILED = "indicator.warning", "evaluation.filed"


def in_force(context: OperationContext, plan_id: str, version: int, approved_by: str | None) -> None:
    """A plan came into force (policy A8)."""
    context.announce(IN_FORCE, {"plan": _plan(context, plan_id, version, approved_by)})


def changed(
    context: OperationContext, plan_id: str, version: int, previous: int | None, approved_by: str | None
) -> None:
    """A plan in force was changed to a new version (policy C4)."""
    found = versions.find(context.session, plan_id, versions.IN_FORCE)
    why = {
        "previous_version": previous,
        "ground": found.ground if found else None,
        "reason": found.reason if found else None,
    }
    context.announce(CHANGED, {"plan": {**_plan(context, plan_id, version, approved_by), **why}})


def filed(context: OperationContext, report: Evaluation) -> None:
    """An evaluation report was filed (policy K6)."""
    told = {"id": report.id, "reference": report.reference, "owner": report.owner}
    context.announce(FILED, {"evaluation": told})


def record_reading(
    context: OperationContext, indicator_id: str, day: date, value: float, source: str
) -> Figure:
    """Keep a reading, and announce a warning if the quarter's figure only now comes near its warning value.

    Returns how the indicator stands in the day's quarter (policy K4, K7). Raises as `indicators.record`.
    """
    period = quarter_at(day)
    before = _standing(context, indicator_id, period)
    indicators.record(
        context.session,
        indicator_id,
        day,
        value,
        source=source,
        recorded_by=context.actor if people.exists(context.session, context.actor) else context.starter,
        now=context.now,
    )
    now = _standing(context, indicator_id, period)
    if now is None:
        raise LookupError(indicator_id)
    if now.status == "warning" and (before is None or before.status != "warning"):
        context.announce(WARNING, {"indicator": _warning(now, period)})
    return now


def _standing(context: OperationContext, indicator_id: str, period: Period) -> Figure | None:
    found = figures.of_quarter(context.session, period.year, period.quarter or 1)
    return next((each for each in found if each.id == indicator_id), None)


def _warning(figure: Figure, period: Period) -> dict[str, object]:
    return {
        "id": figure.id,
        "name": figure.name,
        "unit": figure.unit,
        "quarter": period.reference,
        "actual": figure.actual,
        "target": figure.target,
        "warning": figure.warning,
    }


def _plan(
    context: OperationContext, plan_id: str, version: int, approved_by: str | None
) -> dict[str, object]:
    found = plans.get(context.session, plan_id)
    return {
        "id": found.id,
        "kind": found.kind,
        "reference": found.reference,
        "title": found.title,
        "owner": found.owner,
        "version": version,
        "approved_by": approved_by,
        "page": f"plans/{found.id}",
    }
