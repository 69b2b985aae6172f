"""FEEL's functions that decisions may call (DMN 1.3 §10.3.4), by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Decimal,
)
from functools import cmp_to_key
from operator import attrgetter
from typing import Any

from engine.decisions.durations import Months, parse_duration
from engine.decisions.feel.arithmetic import CONTEXT, calculate, decimal, number, total
from engine.decisions.values import (
    MAX_SIZE,
    Value,
    WrongType,
    as_number,
    as_text,
    compare,
    is_number,
    read_day,
    read_moment,
    read_time,
    same,
    show,
)

_MOST_ARGUMENTS = 100
_MOST_COMPARED = 1_000
"""Parts of a list that are each compared with all others."""


@dataclass(frozen=True)
class Function:
    """``least`` and ``most`` count its arguments. ``takes_null``: null arguments do not make its result null."""

    work: Callable[..., Value]
    least: int
    most: int
    takes_null: bool = False

    def call(self, arguments: list[Value]) -> Value:
        """Its value. Raises WrongType when the arguments are none for it."""
        if not self.takes_null and None in arguments:
            return None
        try:
            return self.work(*arguments)
        except (TypeError, AttributeError, ValueError, ArithmeticError):
            shown = ", ".join(map(show, arguments))
            raise WrongType(f"the function cannot be called with {shown}") from None


def _text(value: Value) -> str:
    if not isinstance(value, str):
        raise WrongType(f"{show(value)} is not a text")
    return value


def _list(value: Value) -> list[Value]:
    """A list; one value alone counts as a list of it (DMN 1.3 §10.3.2.9.4)."""
    return value if isinstance(value, list) else [value]


def _values(arguments: tuple[Value, ...]) -> list[Value]:
    """``min(list)`` and ``min(a, b)`` are the same."""
    return _list(arguments[0]) if len(arguments) == 1 else list(arguments)


def _not(value: Value) -> Value:
    if not isinstance(value, bool):
        raise WrongType(f"{show(value)} is not true or false")
    return not value


def _date(first: Value, month: Value = None, day: Value = None) -> Value:
    if month is not None and day is not None:
        return date(first, month, day)
    if isinstance(first, datetime):
        return first.date()
    if isinstance(first, date):
        return first
    moment = read_day(_text(first)) or (read_moment(first) if "T" in first else None)
    if moment is None:
        raise WrongType(f"“{first}” is not a date such as 2027-03-31")
    return moment.date() if isinstance(moment, datetime) else moment


def _date_and_time(first: Value, clock: Value = None) -> Value:
    if clock is not None:
        return datetime.combine(_date(first), _time(clock))
    if isinstance(first, datetime):
        return first
    if isinstance(first, date):
        return datetime(first.year, first.month, first.day, tzinfo=UTC)
    moment = read_moment(_text(first))
    if moment is None:
        raise WrongType(f"“{first}” is not a date and time such as 2027-03-31T08:00:00Z")
    return moment


def _time(value: Value) -> Value:
    if isinstance(value, datetime):
        return value.timetz()
    if isinstance(value, time):
        return value
    found = read_time(_text(value))
    if found is None:
        raise WrongType(f"“{value}” is not a time such as 08:00:00")
    return found


def _duration(value: Value) -> Value:
    found = parse_duration(_text(value))
    if found is None:
        raise WrongType(f"“{value}” is not a duration such as P1DT12H or P1Y6M")
    return found


def _months_between(start: Value, end: Value) -> Value:
    first, last = _date(start), _date(end)
    months = (last.year - first.year) * 12 + last.month - first.month
    if months > 0 and last.day < first.day:
        months -= 1
    if months < 0 and last.day > first.day:
        months += 1
    return Months(months)


def _substring(text: Value, start: Value, length: Value = None) -> Value:
    _text(text)
    begin = int(start) - 1 if start > 0 else len(text) + int(start)
    return text[begin:] if length is None else text[begin : begin + int(length)]


def _substring_before(text: Value, part: Value) -> Value:
    before, found, _after = _text(text).partition(_text(part)) if part else ("", "", "")
    return before if found else ""


def _substring_after(text: Value, part: Value) -> Value:
    return _text(text).partition(_text(part))[2] if part else text


def _string_join(texts: Value, delimiter: Value = "") -> Value:
    parts = [_text(text) for text in _list(texts) if text is not None]
    if sum(map(len, parts)) + len(delimiter or "") * len(parts) > MAX_SIZE:
        raise WrongType(f"a text has more than {MAX_SIZE} characters")
    return (delimiter or "").join(parts)


def _extreme(*arguments: Value, sign: int) -> Value:
    values = _values(arguments)
    if not values or None in values:
        return None
    return sorted(values, key=cmp_to_key(lambda a, b: sign * (compare(a, b) or 0)))[0]


def least(*arguments: Value) -> Value:
    """The smallest; null when there is none. Raises WrongType when they cannot be compared."""
    return _extreme(*arguments, sign=1)


def greatest(*arguments: Value) -> Value:
    """The greatest; null when there is none. Raises WrongType when they cannot be compared."""
    return _extreme(*arguments, sign=-1)


def _sum(*arguments: Value) -> Value:
    values = _values(arguments)
    return None if None in values else total(values)


def _mean(*arguments: Value) -> Value:
    values = _values(arguments)
    return calculate("/", _sum(values), len(values)) if values else None


def _all(*arguments: Value) -> Value:
    return _settled(_values(arguments), decisive=False)


def _any(*arguments: Value) -> Value:
    return _settled(_values(arguments), decisive=True)


def _settled(values: list[Value], decisive: bool) -> Value:
    for value in values:
        if value is not None and not isinstance(value, bool):
            raise WrongType(f"{show(value)} is not true or false")
    return decisive if decisive in values else None if None in values else not decisive


def _concatenate(*lists: Value) -> Value:
    if sum(len(_list(each)) for each in lists) > MAX_SIZE:
        raise WrongType(f"a list has more than {MAX_SIZE} parts")
    return [item for each in lists for item in _list(each)]


def _distinct(values: Value) -> Value:
    found: list[Value] = []
    if len(_list(values)) > _MOST_COMPARED:
        raise WrongType(f"the list has more than {_MOST_COMPARED} parts")
    for value in _list(values):
        if not any(same(value, other) for other in found):
            found.append(value)
    return found


def _rounded(mode: str) -> Callable[..., Value]:
    def work(value: Value, scale: Value = 0) -> Value:
        if not is_number(value) or not is_number(scale) or not -100 <= scale <= 100:
            raise WrongType(f"{show(value)} cannot be rounded to {show(scale)} digits")
        return number(decimal(value).quantize(Decimal(1).scaleb(-int(scale)), rounding=mode, context=CONTEXT))

    return work


def _modulo(dividend: Value, divisor: Value) -> Value:
    """``dividend - divisor * floor(dividend / divisor)``: its sign is the divisor's."""
    left, right = decimal(dividend), decimal(divisor)
    rest = CONTEXT.remainder(left, right)
    return number(CONTEXT.add(rest, right) if rest and (rest < 0) is not (right < 0) else rest)


def _abs(value: Value) -> Value:
    if isinstance(value, Months):
        return Months(abs(value.count))
    if is_number(value) or isinstance(value, timedelta):
        return abs(value)
    raise WrongType(f"{show(value)} has no amount")


_DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
_MONTHS = [
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
]

FUNCTIONS: Mapping[str, Function] = {
    "not": Function(_not, 1, 1),
    "date": Function(_date, 1, 3),
    "date and time": Function(_date_and_time, 1, 2),
    "time": Function(_time, 1, 1),
    "duration": Function(_duration, 1, 1),
    "years and months duration": Function(_months_between, 2, 2),
    "number": Function(lambda text: as_number(_text(text)), 1, 1),
    "string": Function(as_text, 1, 1),
    "string length": Function(lambda text: len(_text(text)), 1, 1),
    "substring": Function(_substring, 2, 3),
    "upper case": Function(lambda text: _text(text).upper(), 1, 1),
    "lower case": Function(lambda text: _text(text).lower(), 1, 1),
    "substring before": Function(_substring_before, 2, 2),
    "substring after": Function(_substring_after, 2, 2),
    "contains": Function(lambda text, part: _text(part) in _text(text), 2, 2),
    "starts with": Function(lambda text, part: _text(text).startswith(_text(part)), 2, 2),
    "ends with": Function(lambda text, part: _text(text).endswith(_text(part)), 2, 2),
    "string join": Function(_string_join, 1, 2),
    "list contains": Function(
        lambda values, item: any(same(item, each) for each in _list(values)), 2, 2, takes_null=True
    ),
    "count": Function(lambda values: len(_list(values)), 1, 1),
    "min": Function(least, 1, _MOST_ARGUMENTS),
    "max": Function(greatest, 1, _MOST_ARGUMENTS),
    "sum": Function(_sum, 1, _MOST_ARGUMENTS),
    "mean": Function(_mean, 1, _MOST_ARGUMENTS),
    "all": Function(_all, 1, _MOST_ARGUMENTS, takes_null=True),
    "any": Function(_any, 1, _MOST_ARGUMENTS, takes_null=True),
    "append": Function(
        lambda values, *items: _concatenate(values, list(items)), 2, _MOST_ARGUMENTS, takes_null=True
    ),
    "concatenate": Function(_concatenate, 1, _MOST_ARGUMENTS),
    "reverse": Function(lambda values: _list(values)[::-1], 1, 1),
    "distinct values": Function(_distinct, 1, 1),
    "decimal": Function(_rounded(ROUND_HALF_EVEN), 2, 2),
    "floor": Function(_rounded(ROUND_FLOOR), 1, 2),
    "ceiling": Function(_rounded(ROUND_CEILING), 1, 2),
    "round up": Function(_rounded(ROUND_UP), 2, 2),
    "round down": Function(_rounded(ROUND_DOWN), 2, 2),
    "round half up": Function(_rounded(ROUND_HALF_UP), 2, 2),
    "round half down": Function(_rounded(ROUND_HALF_DOWN), 2, 2),
    "abs": Function(_abs, 1, 1),
    "modulo": Function(_modulo, 2, 2),
    "odd": Function(lambda value: decimal(value) % 2 in (1, -1), 1, 1),
    "even": Function(lambda value: decimal(value) % 2 == 0, 1, 1),
    "day of week": Function(lambda day: _DAYS[_date(day).weekday()], 1, 1),
    "month of year": Function(lambda day: _MONTHS[_date(day).month - 1], 1, 1),
}
"""All that may be called. ``today()`` and ``now()`` read the variables of that name."""

_PARTS: Mapping[tuple[type, str], Callable[[Any], Value]] = {
    **{(date, name): attrgetter(name) for name in ("year", "month", "day")},
    (date, "weekday"): lambda day: day.isoweekday(),
    **{(kind, name): attrgetter(name) for kind in (datetime, time) for name in ("hour", "minute", "second")},
    (timedelta, "days"): lambda span: abs(span).days * _sign(span),
    (timedelta, "hours"): lambda span: abs(span).seconds // 3600 * _sign(span),
    (timedelta, "minutes"): lambda span: abs(span).seconds // 60 % 60 * _sign(span),
    (timedelta, "seconds"): lambda span: abs(span).seconds % 60 * _sign(span),
    (Months, "years"): lambda span: int(span.count / 12),
    (Months, "months"): lambda span: span.count - 12 * int(span.count / 12),
}


def part_of(value: Value, name: str) -> Value:
    """A part of a date, time or duration (DMN 1.3 table 65), or of an object. Raises WrongType."""
    if value is None:
        return None
    if isinstance(value, dict):
        return value.get(name)
    for kind in type(value).__mro__:
        if (kind, name) in _PARTS:
            return _PARTS[kind, name](value)
    raise WrongType(f"{show(value)} has no part “{name}”")


def _sign(span: timedelta) -> int:
    return -1 if span < timedelta() else 1
