"""The functions that expressions and scripts may call, beyond Starlark's own.

Those about people and working days ask the engine back; the others are pure. Dates are ISO 8601 texts
("2027-03-31"); where a date with a time is given ("2027-03-31T08:00:00Z"), its date counts.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from engine.sandbox.periods import PERIODS, read_day

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

CALENDAR = frozenset({"workdays", "add_workdays", "is_workday", "next_workday"})
"""Asked back from the engine, which has the calendar of working days."""


def days_between(start: str, end: str) -> int:
    """Days from ``start`` to ``end``; negative when ``end`` is earlier."""
    return (read_day(end) - read_day(start)).days


def add_days(day: str, days: int) -> str:
    """The date so many days later; ``days`` may be negative."""
    return (read_day(day) + datetime.timedelta(days=days)).isoformat()


def date(year: int, month: int, day: int) -> str:
    """The date as ISO 8601."""
    return datetime.date(year, month, day).isoformat()


def round(number: float, digits: int = 0) -> float:
    """Rounded as people do, half away from zero; a whole number when ``digits`` is 0."""
    rounded = Decimal(str(number)).quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)
    return float(rounded) if digits > 0 else int(rounded)


PURE: dict[str, Callable[..., Any]] = {
    "days_between": days_between,
    "add_days": add_days,
    "date": date,
    "round": round,
}

RESERVED = frozenset(
    {*STARLARK_NAMES, *PRELUDE_NAMES, *LOOKUPS, *CALENDAR, *PERIODS, *PURE, "var", "bpmn_error"}
)
"""Names that no process variable can be read by directly, since a function has them."""
