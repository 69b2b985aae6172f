"""Answers what a source asks about working days, from the calendar that the engine has."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from engine.working_days import OutsideCalendar, WorkingDays

LONGEST_MOMENT = 40
"""Characters of a date, with a time and an offset."""


class _Misuse(ValueError):
    """What the designer gave is not what the function takes."""


def count_days(days: WorkingDays, now: Any, function: str, arguments: list[Any]) -> dict[str, Any]:
    """``{"value": …}``, or ``{"problem": …}`` with what is wrong. ``now`` is the variable of that name."""
    try:
        return {"value": _counted(days, now, function, arguments)}
    except (_Misuse, OutsideCalendar) as problem:
        return {"problem": f"{function}(): {problem}"}
    except OverflowError:
        return {"problem": f"{function}(): past the end of all calendars"}


def _counted(days: WorkingDays, now: Any, function: str, arguments: list[Any]) -> Any:
    match function, arguments:
        case "workdays", [count]:
            return _moment_after(days, now, count)
        case "workdays", [count, start]:
            return _moment_after(days, start, count)
        case "add_workdays", [day, count]:
            return days.add(_local_day(days, day), _count(count)).isoformat()
        case "is_workday", [day]:
            return days.is_workday(_local_day(days, day))
        case "next_workday", [day]:
            return days.add(_local_day(days, day), 1).isoformat()
    raise _Misuse(f"{len(arguments)} arguments are not what it takes")


def _moment_after(days: WorkingDays, start: Any, count: Any) -> str:
    moment = _moment(start)
    local = moment if moment.tzinfo else moment.replace(tzinfo=days.timezone)
    return days.add_to_moment(local, _count(count)).isoformat()


def _local_day(days: WorkingDays, text: Any) -> date:
    moment = _moment(text)
    return (moment.astimezone(days.timezone) if moment.tzinfo else moment).date()


def _moment(text: Any) -> datetime:
    if not isinstance(text, str):
        raise _Misuse(f'a date is a text such as "2027-03-31", not {_shown(text)}')
    try:
        found = datetime.fromisoformat(text) if len(text) <= LONGEST_MOMENT else None
    except ValueError:
        found = None
    if found is None:
        raise _Misuse(f'{_shown(text)} is not a date such as "2027-03-31" or "2027-03-31T08:00:00Z"')
    return found if len(text) > len("2027-03-31") else datetime.combine(found.date(), time())


def _count(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise _Misuse(f"a number of days is a whole number, not {_shown(value)}")
    return value


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= LONGEST_MOMENT else text[: LONGEST_MOMENT - 1] + "…"
