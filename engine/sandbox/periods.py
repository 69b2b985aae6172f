"""First and last days of months, quarters and years. Pure, so a worker has them itself.

Each takes a year and a number, or one thing that says both: ``"2027-03"``, ``"2027-Q1"``, a date in it. A number alone
is the month or quarter of that number that lies nearest to today, so that a plan for January made in December means the
January to come. Nothing at all means today's.
"""

from __future__ import annotations

import datetime
import re
from calendar import monthrange
from collections.abc import Callable
from typing import Any

Today = Callable[[], datetime.date]
"""Asks for the local date, which only few calls need."""

_MONTH = re.compile(r"(\d{4})-(\d{2})", re.ASCII)
_QUARTER = re.compile(r"(\d{4})-?Q([1-4])", re.ASCII)
_MONTHS = "a month is a number from 1 to 12"
_QUARTERS = "a quarter is 1, 2, 3 or 4"
_NUMBER = re.compile(r"\d{1,4}", re.ASCII)


def start_of_month(today: Today, year: object = None, month: object = None) -> str:
    """The first day of a month."""
    return datetime.date(*_month(today, year, month), 1).isoformat()


def end_of_month(today: Today, year: object = None, month: object = None) -> str:
    """The last day of a month."""
    found = _month(today, year, month)
    return datetime.date(*found, monthrange(*found)[1]).isoformat()


def start_of_quarter(today: Today, year: object = None, quarter: object = None) -> str:
    """The first day of a quarter."""
    of, number = _quarter(today, year, quarter)
    return datetime.date(of, number * 3 - 2, 1).isoformat()


def end_of_quarter(today: Today, year: object = None, quarter: object = None) -> str:
    """The last day of a quarter."""
    of, number = _quarter(today, year, quarter)
    return datetime.date(of, number * 3, monthrange(of, number * 3)[1]).isoformat()


def start_of_year(today: Today, year: object = None) -> str:
    """The first day of a year."""
    return datetime.date(_year(today, year), 1, 1).isoformat()


def end_of_year(today: Today, year: object = None) -> str:
    """The last day of a year."""
    return datetime.date(_year(today, year), 12, 31).isoformat()


def _month(today: Today, year: object, month: object) -> tuple[int, int]:
    if month is not None:
        return _whole(year, "a year"), _within(month, _MONTHS, 12)
    if year is None:
        return today().year, today().month
    if isinstance(year, str) and (found := _MONTH.fullmatch(year)):
        return int(found[1]), _within(int(found[2]), _MONTHS, 12)
    if _is_number(year):
        return _nearest(today(), today().month, _within(year, _MONTHS, 12), 12)
    day = read_day(year)
    return day.year, day.month


def _quarter(today: Today, year: object, quarter: object) -> tuple[int, int]:
    if quarter is not None:
        return _whole(year, "a year"), _within(quarter, _QUARTERS, 4)
    if isinstance(year, str) and (found := _QUARTER.fullmatch(year)):
        return int(found[1]), int(found[2])
    if year is not None and _is_number(year):
        return _nearest(today(), _quarter_of(today()), _within(year, _QUARTERS, 4), 4)
    day = today() if year is None else read_day(year)
    return day.year, _quarter_of(day)


def _year(today: Today, year: object) -> int:
    if year is None:
        return today().year
    return _whole(year, "a year") if _is_number(year) else read_day(year).year


def _quarter_of(day: datetime.date) -> int:
    return (day.month + 2) // 3


def _nearest(today: datetime.date, current: int, number: int, of: int) -> tuple[int, int]:
    """The year in which the period with a number is nearest; of two as near, the one to come."""
    behind = (of - 1) // 2
    ahead = (number - current + behind) % of - behind
    return today.year + (current - 1 + ahead) // of, number


def _is_number(value: object) -> bool:
    if isinstance(value, str):
        return _NUMBER.fullmatch(value) is not None
    return isinstance(value, int) and not isinstance(value, bool)


def _whole(value: object, what: str) -> int:
    if not _is_number(value):
        raise ValueError(f"{what} is a whole number, not {value!r}")
    return int(str(value))


def _within(value: object, rule: str, largest: int) -> int:
    number = _whole(value, rule.partition(" is ")[0])
    if not 1 <= number <= largest:
        raise ValueError(f"{rule}, not {value!r}")
    return number


def read_day(text: object) -> datetime.date:
    """The date of an ISO 8601 text; that of a date with a time is its date."""
    if not isinstance(text, str):
        raise ValueError(f'a date is a text such as "2027-03-31", not {text!r}')
    try:
        return datetime.date.fromisoformat(text[:10])
    except ValueError:
        raise ValueError(f'{text!r} is not a date such as "2027-03-31"') from None


PERIODS: dict[str, Callable[..., Any]] = {
    "start_of_month": start_of_month,
    "end_of_month": end_of_month,
    "start_of_quarter": start_of_quarter,
    "end_of_quarter": end_of_quarter,
    "start_of_year": start_of_year,
    "end_of_year": end_of_year,
}
"""By name; the first argument is how to ask for today."""
