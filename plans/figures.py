"""A quarter's figures (policy K7, Q2): every indicator against its target and the quarter before."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from plans import indicators, plans
from plans.contents import Goal
from plans.indicators import TOTAL, Indicator
from plans.periods import annual, quarter
from plans.rates import achievement_rate, deviation_rate, growth_rate, plain, status
from plans.tables import goal, plan, plan_version
from plans.versions import IN_FORCE


@dataclass(frozen=True)
class Figure:
    """One indicator in one quarter.

    ``actual`` and ``previous`` (the quarter before) are in ``unit``; the rates are in percent, see
    :mod:`plans.rates`, and None where they cannot be computed.
    """

    id: str
    name: str
    unit: str | None
    kind: str
    direction: str
    target: float | None
    warning: float | None
    actual: float | None
    previous: float | None
    achievement_rate: float | None
    growth_rate: float | None
    deviation_rate: float | None
    status: str

    def as_json(self) -> dict[str, Any]:
        """The figure as processes and the API carry it."""
        return asdict(self)


def of_quarter(session: Session, year: int, number: int) -> list[Figure]:
    """The figures of all indicators, by name.

    Target and warning value are those of the quarterly goal in force with that measure; without one, those
    of the annual goal or the indicator: a quarter of them for totals, the same level for the others.
    """
    period = quarter(year, number)
    quarterly = _goals_in_force(session, year, number)
    found = indicators.readings(session, period.previous.start, period.end)
    return [
        _figure(
            each,
            _target_of(each, quarterly),
            indicators.figure([r for r in found.get(each.id, []) if r.day in period], each.summed_as),
            indicators.figure([r for r in found.get(each.id, []) if r.day not in period], each.summed_as),
        )
        for each in indicators.list_indicators(session)
    ]


def _figure(
    each: Indicator, bounds: tuple[float | None, float | None], actual: float | None, previous: float | None
) -> Figure:
    target, warning = bounds
    return Figure(
        id=each.id,
        name=each.name,
        unit=each.unit,
        kind=each.kind,
        direction=each.direction,
        target=target,
        warning=warning,
        actual=actual,
        previous=previous,
        achievement_rate=achievement_rate(actual, target, each.direction),
        growth_rate=growth_rate(actual, previous),
        deviation_rate=deviation_rate(actual, target),
        status=status(actual, target, warning, each.direction),
    )


def _target_of(each: Indicator, goals: dict[tuple[str, str], Goal]) -> tuple[float | None, float | None]:
    own = goals.get(("quarterly", each.id))
    if own is not None:
        return own.target, own.warning
    above = goals.get(("annual", each.id))
    target, warning = (above.target, above.warning) if above else (each.target, each.warning)
    share = 4 if each.summed_as == TOTAL else 1
    return _share(target, share), _share(warning, share)


def _share(value: float | None, parts: int) -> float | None:
    return None if value is None else plain(round(value / parts, 4))


def _goals_in_force(session: Session, year: int, number: int) -> dict[tuple[str, str], Goal]:
    """Goals of the plans in force for the year and the quarter, by kind and indicator; the newest wins."""
    columns = [goal.c[name] for name in Goal.__annotations__]
    wanted = (
        select(plan.c.kind, *columns)
        .join(
            plan_version,
            (plan_version.c.plan_id == goal.c.plan_id) & (plan_version.c.version == goal.c.version),
        )
        .join(plan, plan.c.id == goal.c.plan_id)
        .where(plan_version.c.status == IN_FORCE, goal.c.target.is_not(None), goal.c.measure.is_not(None))
        .where(or_(plans.in_period(annual(year)), plans.in_period(quarter(year, number))))
        .order_by(plan.c.created_at, plan.c.id)
    )
    return {
        (row.kind, indicators.indicator_id(row.measure)): Goal(*(plain(value) for value in row[1:]))
        for row in session.execute(wanted)
    }
