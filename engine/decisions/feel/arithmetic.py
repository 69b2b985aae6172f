"""Sums of numbers, texts, dates and durations (DMN 1.3 §10.3.2.3 and table 53)."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from decimal import Context, Decimal, DecimalException, DivisionByZero, InvalidOperation, Overflow

from engine.decisions.durations import Months, parse_duration
from engine.decisions.values import MAX_SIZE, Value, WrongType, is_number, read_day, read_moment, show

CONTEXT = Context(prec=34, Emin=-6143, Emax=6144, traps=[InvalidOperation, DivisionByZero, Overflow])
"""IEEE 754 decimal128, as FEEL's numbers are (DMN 1.3 §10.3.2.3.1): 0.1 + 0.2 is 0.3."""


def calculate(sign: str, left: Value, right: Value) -> Value:
    """``left sign right``; null when either is. Raises WrongType when there is no such sum."""
    if left is None or right is None:
        return None
    try:
        found = _calculate(sign, left, right)
    except (DecimalException, OverflowError, ZeroDivisionError, ValueError):
        raise WrongType(f"{show(left)} {sign} {show(right)} has no result") from None
    if found is None:
        raise WrongType(f"{show(left)} {sign} {show(right)} has no meaning")
    return found


def _calculate(sign: str, left: Value, right: Value) -> Value:
    if is_number(left) and is_number(right):
        return number(_of_numbers(sign, decimal(left), decimal(right)))
    if sign == "+" and isinstance(left, str) and isinstance(right, str):
        return _joined(left, right)
    left, right = _understood(left, right), _understood(right, left)
    if isinstance(left, date) or isinstance(right, date):
        return _of_dates(sign, left, right)
    return _of_durations(sign, left, right)


def negate(value: Value) -> Value:
    """``-value`` of a number or duration. Raises WrongType."""
    if value is None:
        return None
    if is_number(value):
        return -value
    if isinstance(value, timedelta | Months):
        return calculate("*", value, -1)
    raise WrongType(f"-{show(value)} has no meaning")


def decimal(value: float) -> Decimal:
    """The number as it is written: 0.1 is a tenth. Raises WrongType when it is not finite."""
    made = CONTEXT.create_decimal(value if isinstance(value, int) else repr(value))
    if not made.is_finite():
        raise WrongType("a number is not finite")
    return made


def number(value: Decimal) -> int | float:
    """The number as JSON carries it. Raises OverflowError when it cannot."""
    if value.adjusted() < 34 and value == value.to_integral_value():
        return int(value)
    found = float(value)
    if found in (float("inf"), float("-inf")):
        raise OverflowError
    return found


def total(values: list[Value]) -> Value:
    """The sum of numbers or of durations of one kind; null for none. Raises WrongType."""
    found = values[0] if values else None
    if found is not None and not (is_number(found) or isinstance(found, timedelta | Months)):
        raise WrongType(f"{show(found)} cannot be added up")
    for value in values[1:]:
        found = calculate("+", found, value)
    return found


def _of_numbers(sign: str, left: Decimal, right: Decimal) -> Decimal:
    match sign:
        case "+":
            return CONTEXT.add(left, right)
        case "-":
            return CONTEXT.subtract(left, right)
        case "*":
            return CONTEXT.multiply(left, right)
        case "/":
            return CONTEXT.divide(left, right)
    return CONTEXT.power(left, right)


def _joined(left: str, right: str) -> str:
    if len(left) + len(right) > MAX_SIZE:
        raise WrongType(f"a text has more than {MAX_SIZE} characters")
    return left + right


def _understood(value: Value, other: Value) -> Value:
    """Texts beside a date or duration are read as one: variables carry them as ISO 8601 texts."""
    if not isinstance(value, str) or isinstance(other, str):
        return value
    if not isinstance(other, date | timedelta | Months):
        return value
    return parse_duration(value) or read_day(value) or read_moment(value) or value


def _of_dates(sign: str, left: Value, right: Value) -> Value:
    if sign == "-" and isinstance(left, date) and isinstance(right, date):
        return _moment(left) - _moment(right)
    if sign == "+" and isinstance(right, date):
        left, right = right, left
    if sign in ("+", "-") and isinstance(left, date) and isinstance(right, timedelta | Months):
        return later(left, right if sign == "+" else negate(right))
    return None


def _of_durations(sign: str, left: Value, right: Value) -> Value:
    if isinstance(left, time) and isinstance(right, timedelta) and sign in ("+", "-"):
        moment = datetime.combine(date(2000, 1, 2), left)
        return (moment + (right if sign == "+" else -right)).timetz()
    if sign == "*" and is_number(left):
        left, right = right, left
    if isinstance(left, timedelta) and isinstance(right, timedelta):
        return (
            {"+": left + right, "-": left - right}.get(sign) if sign != "/" else number(_ratio(left, right))
        )
    if isinstance(left, Months) and isinstance(right, Months):
        return _of_months(sign, left.count, right.count)
    if is_number(right) and sign in ("*", "/"):
        factor = decimal(right) if sign == "*" else CONTEXT.divide(Decimal(1), decimal(right))
        if isinstance(left, timedelta):
            return left * float(factor)
        if isinstance(left, Months):
            return Months(int(left.count * factor))
    return None


def _of_months(sign: str, left: int, right: int) -> Value:
    match sign:
        case "+":
            return Months(left + right)
        case "-":
            return Months(left - right)
        case "/":
            return number(CONTEXT.divide(Decimal(left), Decimal(right)))
    return None


def _ratio(left: timedelta, right: timedelta) -> Decimal:
    tick = timedelta(microseconds=1)
    return CONTEXT.divide(Decimal(left // tick), Decimal(right // tick))


def later(start: date, duration: timedelta | Months) -> date:
    """The date, or date and time, so much later. A day that its month does not have becomes the month's last."""
    if isinstance(duration, timedelta):
        return start + duration
    years, month = divmod(start.month - 1 + duration.count, 12)
    year, month = start.year + years, month + 1
    if not 1 <= year <= 9999:
        raise OverflowError
    return start.replace(year=year, month=month, day=min(start.day, monthrange(year, month)[1]))


def _moment(day: date) -> datetime:
    return day if isinstance(day, datetime) else datetime(day.year, day.month, day.day, tzinfo=UTC)
