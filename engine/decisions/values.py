"""Values of decisions: their types (``typeRef``), how they compare, and how JSON carries them (DMN 1.3 §10.3.2)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from enum import Enum
from typing import Any
from zoneinfo import ZoneInfo

from engine.decisions.durations import Months, parse_duration, show_duration

Value = Any
"""None, bool, int, float, str, date, datetime (with time zone), time, timedelta, Months, or a list or dict."""

MAX_SIZE = 1_000_000
"""Characters that one result may have, so that a few cells cannot double a text for ever."""

_PART = 10
"""For how many characters a part of a list or object counts."""


class ValueType(Enum):
    """The types a column may have. The value is what a reader is told."""

    ANY = "any value"
    STRING = "a text"
    BOOLEAN = "true or false"
    NUMBER = "a number"
    INTEGER = "a whole number"
    DATE = "a date"
    DATE_TIME = "a date and time"
    TIME = "a time"
    DAYS_DURATION = "a days and time duration"
    MONTHS_DURATION = "a years and months duration"


TYPE_REFS = {
    "Any": ValueType.ANY,
    "string": ValueType.STRING,
    "boolean": ValueType.BOOLEAN,
    "number": ValueType.NUMBER,
    "double": ValueType.NUMBER,
    "integer": ValueType.INTEGER,
    "long": ValueType.INTEGER,
    "date": ValueType.DATE,
    "dateTime": ValueType.DATE_TIME,
    "date and time": ValueType.DATE_TIME,
    "time": ValueType.TIME,
    "dayTimeDuration": ValueType.DAYS_DURATION,
    "days and time duration": ValueType.DAYS_DURATION,
    "yearMonthDuration": ValueType.MONTHS_DURATION,
    "years and months duration": ValueType.MONTHS_DURATION,
}
"""The ``typeRef``s that are executed; FEEL's names and those that dmn-js offers beside them."""

_WRITTEN_AS: dict[ValueType, tuple[type, ...]] = {
    ValueType.STRING: (str,),
    ValueType.BOOLEAN: (bool,),
    ValueType.DATE: (date,),
    ValueType.DATE_TIME: (date,),
    ValueType.TIME: (time,),
    ValueType.DAYS_DURATION: (timedelta,),
    ValueType.MONTHS_DURATION: (Months,),
}

_SPOKEN = (date, time, timedelta, Months)
"""Values that JSON carries as ISO 8601 text."""


class NoValue(Exception):
    """An expression or test gives no value; the message says why."""


class WrongType(NoValue):
    """A value is not of the type that is wanted, or two values of different types were brought together."""


class NoVariable(NoValue):
    """An expression reads a variable that is not there."""

    def __init__(self, name: str) -> None:
        super().__init__(f"there is no variable “{name}”")


def is_number(value: Value) -> bool:
    """Whether it is a number; true and false are none, unlike in Python."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_of_type(value: Value, wanted: ValueType) -> bool:
    """Whether a value that was written as a literal may stand in a column of the type. Null always may."""
    if value is None or wanted is ValueType.ANY:
        return True
    if wanted is ValueType.NUMBER:
        return is_number(value)
    if wanted is ValueType.INTEGER:
        return is_number(value) and value % 1 == 0
    return isinstance(value, _WRITTEN_AS[wanted])


def as_input(value: Value, wanted: ValueType) -> Value:
    """A JSON value as the column's type. ISO texts become dates; nothing else is converted. Raises WrongType."""
    if isinstance(value, str) and wanted in _WRITTEN_AS and wanted is not ValueType.STRING:
        value = _from_text(value, wanted)
    if not is_of_type(value, wanted):
        raise WrongType(f"{show(value)} is not {wanted.value}")
    if wanted is ValueType.DATE and isinstance(value, datetime):
        return value.date()
    return _as_time(value) if wanted is ValueType.DATE_TIME and value is not None else value


def as_output(value: Value, wanted: ValueType) -> Value:
    """A result as a value of the column's type; numbers and texts are converted. Raises WrongType."""
    if value is None:
        return None
    match wanted:
        case ValueType.STRING if is_number(value) or isinstance(value, bool):
            return as_text(value)
        case ValueType.BOOLEAN if value in ("true", "false"):
            return value == "true"
        case ValueType.NUMBER | ValueType.INTEGER if isinstance(value, str):
            value = as_number(value)
    value = as_input(value, wanted)
    return int(value) if wanted is ValueType.INTEGER else value


def as_json(value: Value) -> Any:
    """The value as JSON carries it: dates, times and durations as ISO 8601 text. Raises WrongType if it is huge."""
    if isinstance(value, list | dict):
        _check_size(value)
    return _as_json(value)


def _as_json(value: Value) -> Any:
    match value:
        case list():
            return [_as_json(item) for item in value]
        case dict():
            return {key: _as_json(item) for key, item in value.items()}
        case timedelta() | Months():
            return show_duration(value)
        case date() | time():
            return value.isoformat()
    return value


def _check_size(value: Value) -> None:
    size, left = 0, [value]
    while left:
        match left.pop():
            case str() as text:
                size += len(text)
            case list() as items:
                size += _PART * len(items)
                left += items
            case dict() as entries:
                size += _PART * len(entries)
                left += entries.values()
        if size > MAX_SIZE:
            raise WrongType(
                f"a result has more than {MAX_SIZE} characters, of which each part counts {_PART}"
            )


def compare(left: Value, right: Value) -> int | None:
    """-1, 0 or 1; None when either is null (DMN 1.3 §10.3.2.11). Raises WrongType."""
    if left is None or right is None:
        return None
    left, right = _comparable(left, right)
    return int(left > right) - int(left < right)


def equal(left: Value, right: Value) -> bool:
    """Whether both are the same. Null equals null alone. Raises WrongType."""
    if left is None or right is None:
        return left is right
    if isinstance(left, bool) and isinstance(right, bool):
        return left is right
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    return compare(left, right) == 0


def same(left: Value, right: Value) -> bool:
    """Whether both are the same, where values of different types are simply not."""
    try:
        return equal(left, right)
    except WrongType:
        return False


def _comparable(left: Value, right: Value) -> tuple[Any, Any]:
    if is_number(left) and is_number(right):
        return left, right
    if isinstance(left, str) and isinstance(right, str):
        return left, right
    if isinstance(left, date) or isinstance(right, date):
        return _as_time(left), _as_time(right)
    for kind, wanted in (
        (time, ValueType.TIME),
        (timedelta, ValueType.DAYS_DURATION),
        (Months, ValueType.MONTHS_DURATION),
    ):
        if isinstance(left, kind) or isinstance(right, kind):
            return as_input(left, wanted), as_input(right, wanted)
    raise WrongType(f"{show(left)} cannot be compared with {show(right)}")


def _as_time(value: Value) -> datetime:
    """A moment; a date means its first one. Without a zone it is UTC."""
    if isinstance(value, str):
        value = _from_text(value, ValueType.DATE_TIME)
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    raise WrongType(f"{show(value)} is not a date")


def _from_text(text: str, wanted: ValueType) -> Value:
    """What an ISO 8601 text means. Raises WrongType."""
    match wanted:
        case ValueType.DATE | ValueType.DATE_TIME:
            moment = read_moment(text)
            found: Value = moment.date() if moment and wanted is ValueType.DATE else moment
        case ValueType.TIME:
            found = read_time(text)
        case ValueType.DAYS_DURATION | ValueType.MONTHS_DURATION:
            duration = parse_duration(text)
            found = duration if is_of_type(duration, wanted) else None
        case _:
            found = None
    if found is None:
        raise WrongType(f"{show(text)} is not {wanted.value}")
    return found


def read_day(text: str) -> date | None:
    """A date such as 2027-03-31, or None."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def read_moment(text: str) -> datetime | None:
    """A date and time, UTC where no zone is said, or None. ``@Asia/Taipei`` may stand for an offset."""
    written, _at, zone = text.partition("@")
    try:
        moment = datetime.fromisoformat(written)
        if zone:
            return moment.replace(tzinfo=ZoneInfo(zone)) if moment.tzinfo is None else None
    except (ValueError, KeyError, OSError):  # what ZoneInfo raises for a zone that is none
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def read_time(text: str) -> time | None:
    """A time of day, UTC where no offset is said, or None."""
    try:
        found = time.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def as_number(text: str) -> Value:
    """The number that a text is. Raises WrongType."""
    if len(text) <= 40:
        for kind in (int, float):
            try:
                number = kind(text)
            except ValueError:
                continue
            if number - number == 0:  # neither infinite nor none
                return number
    raise WrongType(f"{show(text)} is not a number")


def as_text(value: Value) -> str:
    """A value as FEEL writes it (DMN 1.3 §10.3.4.1 ``string``), texts without quotes. Raises WrongType."""
    return value if isinstance(value, str) else _written(as_json(value))


def _written(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return f'"{value}"'
        case list():
            return f"[{', '.join(map(_written, value))}]"
        case dict():
            return f"{{{', '.join(f'{key}: {_written(item)}' for key, item in value.items())}}}"
    if isinstance(value, int) and abs(value) >= 10**60:
        raise WrongType("a number has more than 60 digits")
    return str(value)


def show(value: Value) -> str:
    """A value as FEEL writes it, shortened for messages."""
    try:
        text = str(_as_json(value)) if isinstance(value, _SPOKEN) else _written(as_json(value))
    except NoValue as huge:
        return f"({huge})"
    if isinstance(value, str):
        return text if len(value) < 60 else f'"{value[:59]}…"'
    return text if len(text) < 60 else f"{text[:59]}…"
