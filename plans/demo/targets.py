"""What the demonstration company aims at: seven measures over its years and quarters, and their readings."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from plans import indicators
from plans.demo.company import SUPERVISOR, TEAM
from plans.indicators import AVERAGE, QUALITATIVE, QUANTITATIVE, TOTAL, Indicator
from plans.periods import Period, month_of, quarter

SEASON = (0.93, 0.90, 0.97, 0.96, 0.99, 1.0, 0.98, 0.97, 1.02, 1.05, 1.12, 1.11)
"""How a month's volume compares with the average month."""
SHARES = (0.23, 0.24, 0.25, 0.28)
"""The part of a year's volume that each quarter plans."""


@dataclass(frozen=True)
class Aim:
    """One goal of the year: from ``baseline`` to ``target``, warning at ``warning``; what it rests on."""

    name: str
    area: str
    measure: str
    unit: str
    baseline: float
    target: float
    warning: float
    reached: float
    owner: str
    serves: str
    evidence: str
    feasibility: str

    @property
    def adds_up(self) -> bool:
        """Whether the year is the sum of its months."""
        return self.measure == "Orders delivered"


AIMS = (
    Aim(
        "Grow the order volume",
        "growth",
        "Orders delivered",
        "thousand orders",
        436,
        480,
        452,
        496,
        TEAM[0],
        "Grow sales by ten percent",
        "Online orders in the region grew by 9 % last year; two framework contracts begin in spring.",
        "Two new delivery rounds and evening slots, agreed with sales.",
    ),
    Aim(
        "Raise customer satisfaction",
        "satisfaction",
        "Customer satisfaction",
        "%",
        87.5,
        91,
        88.5,
        91.6,
        TEAM[1],
        "Be the carrier that customers recommend",
        "The survey of 2,400 customers names announced delivery times as the first wish.",
        "Delivery windows of two hours, announced the day before.",
    ),
    Aim(
        "Lower the cost per order",
        "cost",
        "Cost per order",
        "EUR per order",
        4.35,
        4.05,
        4.25,
        4.27,
        SUPERVISOR,
        "Improve the operating margin by one point",
        "Fuel and agency labour made up 41 % of the cost per order last year.",
        "Fuller rounds, fewer second deliveries, agency labour only in peak weeks.",
    ),
    Aim(
        "Deliver on time",
        "process",
        "On-time delivery",
        "%",
        94.2,
        96.5,
        95,
        96.8,
        TEAM[2],
        "Be the carrier that customers recommend",
        "Half of the late deliveries left the warehouse late; the causes are known by shift.",
        "Loading plan per gate, and a check one hour before departure.",
    ),
    Aim(
        "Use the warehouse better",
        "resource",
        "Warehouse space in use",
        "%",
        76,
        84,
        78,
        82.5,
        TEAM[3],
        "Grow without a second warehouse",
        "Measured every month since the racks were renewed; slow articles hold 11 % of the space.",
        "Slow articles move to the upper racks, returns are sorted within two days.",
    ),
    Aim(
        "Keep the people we train",
        "team",
        "Staff turnover",
        "%",
        14,
        10,
        12,
        10.8,
        SUPERVISOR,
        "Be an employer that people stay with",
        "Leavers name shift changes at short notice; the sector loses 13 % a year.",
        "Shift plans four weeks ahead, a mentor for each new colleague.",
    ),
    Aim(
        "Answer customers within a day",
        "service",
        "Answers within one day",
        "%",
        82,
        92,
        85,
        91,
        TEAM[1],
        "Be the carrier that customers recommend",
        "Questions about the delivery time are 60 % of all questions.",
        "Customers see the round on the map; standard answers for the ten usual questions.",
    ),
)

TEAM_CLIMATE = Indicator("team_climate", "Team climate", "of 5", QUALITATIVE, "higher", AVERAGE, 4.2, 3.6)


def of_year(year: int) -> list[dict[str, Any]]:
    """The goals of an annual plan, as its form sends them."""
    return [
        {
            **_goal(each, each.baseline, each.target, each.warning),
            "serves": each.serves,
            "due": f"{year}-12-31",
            "evidence": each.evidence,
            "evidence_link": "",
            "feasibility": each.feasibility,
        }
        for each in AIMS
    ]


def of_last_year(year: int) -> list[dict[str, Any]]:
    """The goals of the year before, a step lower."""
    return [
        {
            **_goal(each, *(_step(each, value, -1) for value in (each.baseline, each.target, each.warning))),
            "serves": each.serves,
            "due": f"{year}-12-31",
        }
        for each in AIMS
    ]


def of_quarter(period: Period) -> list[dict[str, Any]]:
    """A quarter's goals: its share of what adds up, the way from baseline to target for the others."""
    return [
        {
            **_goal(
                each, None, _in_quarter(each, period, each.target), _in_quarter(each, period, each.warning)
            ),
            "serves": each.name,
            "due": period.end.isoformat(),
            "change": "",
        }
        for each in AIMS
    ]


def record_readings(session: Session, today: date, now: datetime) -> None:
    """Define the indicators and record each month from January of last year to the last full one."""
    for each in AIMS:
        indicators.define(session, _indicator(each))
        for month, value in _monthly(each, today):
            _record(session, indicators.indicator_id(each.measure), month.end, value, now)
    indicators.define(session, TEAM_CLIMATE)
    for number, month in enumerate(_months(today)):
        if month.month in (3, 6, 9, 12):
            _record(session, TEAM_CLIMATE.id, month.end, round(3.7 + 0.03 * number, 1), now)


def _goal(each: Aim, baseline: float | None, target: float, warning: float) -> dict[str, Any]:
    return {
        "name": each.name,
        "area": each.area,
        "owner": each.owner,
        "measure": each.measure,
        "unit": each.unit,
        "baseline": baseline,
        "target": target,
        "warning": warning,
    }


def _step(each: Aim, value: float, steps: int) -> float:
    return round(value + steps * (each.target - each.baseline), 2)


def _in_quarter(each: Aim, period: Period, bound: float) -> float:
    number = period.quarter or 1
    if each.adds_up:
        return round(bound * SHARES[number - 1], 1)
    way = each.baseline + (each.target - each.baseline) * number / 4
    return round(way + (bound - each.target), 2)


def _indicator(each: Aim) -> Indicator:
    return Indicator(
        id=indicators.indicator_id(each.measure),
        name=each.measure,
        unit=each.unit,
        kind=QUANTITATIVE,
        direction="lower" if each.warning > each.target else "higher",
        summed_as=TOTAL if each.adds_up else AVERAGE,
        target=each.target,
        warning=each.warning,
    )


def _months(today: date) -> Iterator[Period]:
    for year in (today.year - 1, today.year):
        for number in range(1, 13):
            if month_of(year, number).end < today:
                yield month_of(year, number)


def _monthly(each: Aim, today: date) -> Iterator[tuple[Period, float]]:
    """Each month's figure: last year's step up to the baseline, this year's on the way to what was reached."""
    for month in _months(today):
        number = month.month or 1
        begin, end = (each.baseline, each.reached)
        if month.year < today.year:
            begin, end = _step(each, each.baseline, -1), each.baseline
        ripple = 0.08 * math.sin(number * 2.1 + len(each.name)) * (each.target - each.baseline)
        if each.adds_up:
            yield month, round(end / 12 * SEASON[number - 1] + ripple / 4, 1)
        else:
            yield month, round(begin + (end - begin) * min(number / 10, 1) + ripple, 2)


def _record(session: Session, key: str, day: date, value: float, now: datetime) -> None:
    source = "Customer survey" if "satisfaction" in key or "climate" in key else "Monthly operations report"
    indicators.record(session, key, day, value, source=source, recorded_by=SUPERVISOR, now=now)


def quarters_before(today: date) -> list[Period]:
    """The quarters of this year that are over."""
    return [quarter(today.year, number) for number in (1, 2, 3, 4) if quarter(today.year, number).end < today]
