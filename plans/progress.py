"""How far a plan's goals have come: the latest readings, and the rates of policy K7, to this day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from plans import indicators
from plans.contents import Goal
from plans.indicators import LATEST, TOTAL, Indicator, Reading
from plans.periods import Period
from plans.rates import achievement_rate, deviation_rate, growth_rate, plain, status


@dataclass(frozen=True)
class Progress:
    """A goal with what was measured so far.

    ``actual`` is the total since the period began, or the latest level. ``expected`` is the target, for
    totals the part of it that the months with readings should have brought; deviation and status are held
    against it, the achievement against the whole target. ``previous`` is the same stretch of the period
    before. ``readings`` are those of both periods, oldest first.
    """

    goal: Goal
    indicator: str | None
    actual: float | None
    expected: float | None
    previous: float | None
    achievement_rate: float | None
    growth_rate: float | None
    deviation_rate: float | None
    status: str
    latest: Reading | None
    readings: Sequence[Reading]


def of_goals(session: Session, period: Period, goals: Iterable[Goal], today: date) -> list[Progress]:
    """The progress of each goal of a plan for this period, from readings up to ``today``."""
    known = {each.id: each for each in indicators.list_indicators(session)}
    found = indicators.readings(session, period.previous.start, min(period.end, today))
    return [
        _progress(goal, known.get(key), found.get(key, []), period)
        for goal in goals
        for key in [indicators.indicator_id(goal.measure or "")]
    ]


def _progress(goal: Goal, known: Indicator | None, readings: Sequence[Reading], period: Period) -> Progress:
    now = [each for each in readings if each.day in period]
    months = now[-1].day.month - period.start.month + 1 if now else 0
    before = [each for each in readings if each.day < period.start]
    if months:
        until = period.previous.end_of_month(months)
        before = [each for each in before if each.day <= until]
    totals = known is not None and known.summed_as == TOTAL
    way = TOTAL if totals else LATEST
    actual, previous = indicators.figure(now, way), indicators.figure(before, way)
    share = months / period.months if totals and months else 1
    expected, warning = _part(goal.target, share), _part(goal.warning, share)
    return Progress(
        goal=goal,
        indicator=known.id if known else None,
        actual=actual,
        expected=expected,
        previous=previous,
        achievement_rate=achievement_rate(actual, goal.target, goal.direction),
        growth_rate=growth_rate(actual, previous),
        deviation_rate=deviation_rate(actual, expected),
        status=status(actual, expected, warning, goal.direction),
        latest=now[-1] if now else None,
        readings=readings,
    )


def _part(value: float | None, share: float) -> float | None:
    return None if value is None else plain(round(value * share, 4))
