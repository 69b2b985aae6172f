"""Values of a decision table: their types (``typeRef``), and how they compare (DMN 1.3 §10.3.2)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from enum import Enum
from typing import Any

Value = Any
"""None, bool, int, float, str, date, datetime (with time zone), or a JSON list or object."""


class ValueType(Enum):
    """The types a column may have. The value is what a reader is told."""

    ANY = "any value"
    STRING = "a text"
    BOOLEAN = "true or false"
    NUMBER = "a number"
    INTEGER = "a whole number"
    DATE = "a date"
    DATE_TIME = "a date and time"


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
}
"""The ``typeRef``s that are executed; FEEL's names and those that dmn-js offers beside them."""


class WrongType(Exception):
    """A value is not of the type that is wanted, or two values of different types were compared."""


def is_number(value: Value) -> bool:
    """Whether it is a number; true and false are none, unlike in Python."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_of_type(value: Value, wanted: ValueType) -> bool:
    """Whether a value that was written as a literal may stand in a column of the type. Null always may."""
    match wanted:
        case ValueType.ANY:
            return True
        case ValueType.STRING:
            return value is None or isinstance(value, str)
        case ValueType.BOOLEAN:
            return value is None or isinstance(value, bool)
        case ValueType.NUMBER:
            return value is None or is_number(value)
        case ValueType.INTEGER:
            return value is None or (is_number(value) and value == int(value))
        case ValueType.DATE | ValueType.DATE_TIME:
            return value is None or isinstance(value, date)


def as_input(value: Value, wanted: ValueType) -> Value:
    """A JSON value as the column's type. ISO texts become dates; nothing else is converted. Raises WrongType."""
    if wanted in (ValueType.DATE, ValueType.DATE_TIME) and isinstance(value, str):
        return _as_moment(value, wanted)
    if not is_of_type(value, wanted):
        raise WrongType(f"{show(value)} is not {wanted.value}")
    if wanted is ValueType.DATE and isinstance(value, datetime):
        return value.date()
    return _as_time(value) if wanted is ValueType.DATE_TIME and value is not None else value


def as_output(value: Value, wanted: ValueType) -> Value:
    """A result as a JSON value of the column's type; numbers and texts are converted. Raises WrongType."""
    if value is None:
        return None
    match wanted:
        case ValueType.STRING if is_number(value) or isinstance(value, bool):
            return show(value)
        case ValueType.BOOLEAN if value in ("true", "false"):
            return value == "true"
        case ValueType.NUMBER | ValueType.INTEGER if isinstance(value, str):
            value = _as_number(value)
    value = as_input(value, wanted)
    if wanted is ValueType.INTEGER:
        return int(value)
    return value.isoformat() if isinstance(value, date) else value


def compare(left: Value, right: Value) -> int | None:
    """-1, 0 or 1; None when either is null (DMN 1.3 §10.3.2). Raises WrongType."""
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
    if isinstance(left, list | dict) and type(left) is type(right):
        return bool(left == right)
    return compare(left, right) == 0


def _comparable(left: Value, right: Value) -> tuple[Any, Any]:
    if is_number(left) and is_number(right):
        return left, right
    if isinstance(left, str) and isinstance(right, str):
        return left, right
    if isinstance(left, date) or isinstance(right, date):
        return _as_time(left), _as_time(right)
    raise WrongType(f"{show(left)} cannot be compared with {show(right)}")


def _as_time(value: Value) -> datetime:
    """A moment; a date means its first one. Without a zone it is UTC."""
    if isinstance(value, str):
        value = _as_moment(value, ValueType.DATE_TIME)
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    raise WrongType(f"{show(value)} is not a date")


def _as_moment(text: str, wanted: ValueType) -> date:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise WrongType(f"{show(text)} is not {wanted.value}") from None
    if wanted is ValueType.DATE:
        return moment.date()
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _as_number(text: str) -> Value:
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        raise WrongType(f"{show(text)} is not a number") from None


def show(value: Value) -> str:
    """A value as FEEL writes it, for messages and for texts made of numbers."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return f'"{value}"' if len(value) < 60 else f'"{value[:59]}…"'
        case date():
            return value.isoformat()
    return str(value) if len(str(value)) < 60 else f"{str(value)[:59]}…"
