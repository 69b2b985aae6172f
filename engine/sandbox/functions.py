"""The functions that expressions and scripts may call, beyond Starlark's own.

Those about people ask the engine back; the others are pure. Dates are ISO 8601 texts ("2027-03-31"); where a
date with a time is given ("2027-03-31T08:00:00Z"), its date counts.
"""

from __future__ import annotations

import datetime
from calendar import monthrange
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

PRELUDE = """
def sum(values, start=0):
    total = start
    for value in values:
        total += value
    return total

def get(mapping, key, default=None):
    if mapping == None:
        return default
    return mapping.get(key, default)
"""
"""Functions over lists and mappings, in Starlark itself: nothing has to be copied out and in for them."""

PRELUDE_NAMES = frozenset({"sum", "get"})

STARLARK_NAMES = frozenset(
    {
        "abs",
        "all",
        "any",
        "bool",
        "chr",
        "dict",
        "dir",
        "enumerate",
        "fail",
        "float",
        "getattr",
        "hasattr",
        "hash",
        "int",
        "len",
        "list",
        "max",
        "min",
        "ord",
        "range",
        "repr",
        "reversed",
        "sorted",
        "str",
        "tuple",
        "type",
        "zip",
    }
)

LOOKUPS = frozenset({"superior", "members", "display_name"})
"""Asked back from the engine, which has the directory."""


def _day(text: object) -> datetime.date:
    if not isinstance(text, str):
        raise ValueError(f'a date is a text such as "2027-03-31", not {text!r}')
    try:
        return datetime.date.fromisoformat(text[:10])
    except ValueError:
        raise ValueError(f'{text!r} is not a date such as "2027-03-31"') from None


def days_between(start: str, end: str) -> int:
    """Days from ``start`` to ``end``; negative when ``end`` is earlier."""
    return (_day(end) - _day(start)).days


def add_days(day: str, days: int) -> str:
    """The date so many days later; ``days`` may be negative."""
    return (_day(day) + datetime.timedelta(days=days)).isoformat()


def date(year: int, month: int, day: int) -> str:
    """The date as ISO 8601."""
    return datetime.date(year, month, day).isoformat()


def start_of_month(year: int, month: int) -> str:
    """The first day of the month."""
    return date(year, month, 1)


def end_of_month(year: int, month: int) -> str:
    """The last day of the month."""
    return date(year, month, monthrange(year, month)[1])


def start_of_quarter(year: int, quarter: int) -> str:
    """The first day of the quarter, 1 to 4."""
    return start_of_month(year, _last_month(quarter) - 2)


def end_of_quarter(year: int, quarter: int) -> str:
    """The last day of the quarter, 1 to 4."""
    return end_of_month(year, _last_month(quarter))


def _last_month(quarter: int) -> int:
    if quarter not in (1, 2, 3, 4):
        raise ValueError(f"a quarter is 1, 2, 3 or 4, not {quarter!r}")
    return quarter * 3


def round(number: float, digits: int = 0) -> float:
    """Rounded as people do, half away from zero; a whole number when ``digits`` is 0."""
    rounded = Decimal(str(number)).quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)
    return float(rounded) if digits > 0 else int(rounded)


PURE: dict[str, Callable[..., Any]] = {
    "days_between": days_between,
    "add_days": add_days,
    "date": date,
    "start_of_month": start_of_month,
    "end_of_month": end_of_month,
    "start_of_quarter": start_of_quarter,
    "end_of_quarter": end_of_quarter,
    "round": round,
}

RESERVED = STARLARK_NAMES | PRELUDE_NAMES | LOOKUPS | frozenset(PURE) | {"var", "bpmn_error"}
"""Names that no process variable can be read by directly, since a function has them."""
