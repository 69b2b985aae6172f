"""Key indicators (policy K1-K5) and their readings. An indicator is known by its measure's name."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from engine import FieldProblem, Invalid, NotFound
from engine.messages import translatable
from plans.contents import Goal
from plans.periods import Period
from plans.rates import plain
from plans.tables import indicator, reading

QUANTITATIVE, QUALITATIVE = "quantitative", "qualitative"
TOTAL, AVERAGE, LATEST = "total", "average", "latest"
LEVEL_UNITS = re.compile(
    r"%|/|\b(percent|points?|scores?|rate|ratio|seconds?|minutes?|hours?|days?|per|index|rank|stars?)\b",
    re.IGNORECASE,
)
"""Units whose readings are levels: averaged over a period, never added up."""


@dataclass(frozen=True)
class Indicator:
    """A key indicator.

    ``direction`` is the better one, ``higher`` or ``lower``. ``summed_as`` says how the readings of a period
    become its figure: their ``total`` (orders, cost), ``average`` (a rate), or the ``latest`` (a stock).
    ``target`` and ``warning`` are per year for totals, and the level to hold for the others.
    """

    id: str
    name: str
    unit: str | None = None
    kind: str = QUANTITATIVE
    direction: str = "higher"
    summed_as: str = AVERAGE
    target: float | None = None
    warning: float | None = None


@dataclass(frozen=True)
class Reading:
    """What was measured for a day, where it comes from (policy K5) and who recorded it."""

    indicator: str
    day: date
    value: float
    source: str
    recorded_by: str
    recorded_at: datetime


def indicator_id(measure: str) -> str:
    """The id under which a measure's readings are kept: its name in lower case, words joined by ``_``."""
    return re.sub(r"\W+", "_", measure.casefold()).strip("_")


def adds_up(unit: str | None) -> bool:
    """Whether figures in this unit can be added over periods, as orders can and percentages cannot."""
    return unit is not None and LEVEL_UNITS.search(unit) is None


def define(session: Session, wanted: Indicator) -> None:
    """Add an indicator, or change the one with this id. Raises :class:`Invalid` for an unknown kind."""
    for field, known in (
        ("kind", (QUANTITATIVE, QUALITATIVE)),
        ("direction", ("higher", "lower")),
        ("summed_as", (TOTAL, AVERAGE, LATEST)),
    ):
        if getattr(wanted, field) not in known:
            message = translatable("One of %(known)s is needed.")
            raise Invalid(message, [FieldProblem(field, message, {"known": ", ".join(known)})], known=known)
    values = asdict(wanted)
    if find(session, wanted.id) is None:
        session.execute(insert(indicator).values(values))
    else:
        session.execute(update(indicator).where(indicator.c.id == wanted.id).values(values))


def find(session: Session, indicator_id: str) -> Indicator | None:
    """The indicator with this id, or None."""
    return next((each for each in list_indicators(session) if each.id == indicator_id), None)


def list_indicators(session: Session) -> list[Indicator]:
    """All indicators by name."""
    columns = [indicator.c[name] for name in Indicator.__annotations__]
    rows = session.execute(select(*columns).order_by(indicator.c.name))
    return [Indicator(*(plain(value) for value in row)) for row in rows]


def follow_goals(session: Session, period: Period, goals: Iterable[Goal]) -> None:
    """Make sure every measure of an annual or quarterly plan in force is an indicator (policy K1).

    An annual plan also sets the indicators' target and warning values; a quarter leaves them, since its own
    goals are looked up when its figures are computed. A month's tasks are too short-lived to be watched so.
    """
    if period.kind == "monthly":
        return
    known = {each.id: each for each in list_indicators(session)}
    for goal in goals:
        key = indicator_id(goal.measure or "")
        if not key or goal.target is None:
            continue
        former = known.get(key)
        if former is None or period.kind == "annual":
            known[key] = _of_goal(goal, key, former, period)
            define(session, known[key])


def record(
    session: Session,
    indicator_id: str,
    day: date,
    value: float,
    *,
    source: str,
    recorded_by: str,
    now: datetime,
) -> None:
    """Keep a reading. A second one for the same day corrects the first.

    Raises :class:`NotFound` for an unknown indicator, :class:`Invalid` for a value that is not a finite
    number or a missing source.
    """
    if find(session, indicator_id) is None:
        raise NotFound(translatable("There is no indicator %(id)s."), id=indicator_id)
    if not math.isfinite(value):
        raise _wrong("value", translatable("A number is needed."))
    if not source.strip():
        raise _wrong("source", translatable("This field is required."))
    session.execute(delete(reading).where(reading.c.indicator == indicator_id, reading.c.day == day))
    values = Reading(indicator_id, day, value, source.strip(), recorded_by, now)
    session.execute(insert(reading).values(asdict(values)))


def readings(session: Session, start: date, end: date) -> dict[str, list[Reading]]:
    """The readings from ``start`` to ``end``, both included, oldest first, by indicator id."""
    columns = [reading.c[name] for name in Reading.__annotations__]
    wanted = select(*columns).where(reading.c.day.between(start, end)).order_by(reading.c.day)
    found: dict[str, list[Reading]] = {}
    for row in session.execute(wanted):
        found.setdefault(row.indicator, []).append(Reading(*(plain(value) for value in row)))
    return found


def figure(found: Iterable[Reading], summed_as: str) -> float | None:
    """The one figure of a period's readings, given oldest first; None without any."""
    values = [each.value for each in found]
    if not values:
        return None
    if summed_as == TOTAL:
        return _rounded(math.fsum(values))
    return _rounded(math.fsum(values) / len(values)) if summed_as == AVERAGE else values[-1]


def _of_goal(goal: Goal, key: str, former: Indicator | None, period: Period) -> Indicator:
    yearly = period.kind == "annual"
    return Indicator(
        id=key,
        name=former.name if former else str(goal.measure),
        unit=goal.unit,
        kind=former.kind if former else QUANTITATIVE,
        direction=goal.direction,
        summed_as=former.summed_as if former else TOTAL if adds_up(goal.unit) else AVERAGE,
        target=goal.target if yearly else None,
        warning=goal.warning if yearly else None,
    )


def _rounded(value: float) -> float:
    rounded: float = plain(round(value, 4))
    return rounded


def _wrong(field: str, template: str) -> Invalid:
    return Invalid(template, [FieldProblem(field, template)])
