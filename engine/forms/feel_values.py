"""What an expression of `feel_syntax` comes to, with FEEL's three-valued logic.

Mirrors ``@bpmn-io/feelin`` as form-js calls it, so that the server hides what the browser hides; the table in
``tests/engine/forms/test_feel.py`` was taken from it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.feel_syntax import Among, Binary, Call, Choice, Listing, Literal, Node, Not, Path


class _NoOrder(Exception):
    """Two values that cannot be compared at all; form-js gives up on the whole expression."""


@dataclass(frozen=True)
class Scope:
    """What names mean at one place of a form.

    ``data`` is the whole form's data; ``this`` is the row around (or the whole), ``parent`` what is around
    that.
    """

    data: Mapping[str, Any]
    this: Any = field(default=None)
    parent: Any = field(default=None)

    def row(self, row: Any) -> Scope:
        """The scope inside one row of a list."""
        return Scope(self.data, row, self.this)

    def lookup(self, name: str) -> Any:
        """The value of a first name; None where there is none."""
        if name in ("this", "_this_"):
            return self.this
        if name in ("parent", "_parent_"):
            return self.parent
        return self.data.get(name)


def root_scope(data: Mapping[str, Any]) -> Scope:
    """The scope outside all lists, where ``this`` is the whole data."""
    return Scope(data, data, None)


def evaluate(node: Node, scope: Scope) -> Any:
    """The value of an expression; None where FEEL says null."""
    try:
        return _value(node, scope)
    except (_NoOrder, RecursionError):
        return None


def hides(node: Node, scope: Scope) -> bool:
    """Whether a ``conditional.hide`` is met.

    form-js reads it as a unary test without an input: null counts as met, ``not(…)`` turns the test around.
    """
    try:
        if isinstance(node, Not):
            return not _met(_value(node.operand, scope))
        return _met(_value(node, scope))
    except (_NoOrder, RecursionError):
        return False


def _met(value: Any) -> bool:
    return value is None or value is True


def _value(node: Node, scope: Scope) -> Any:
    match node:
        case Literal(value):
            return _tidy(value) if isinstance(value, float) else value
        case Path(parts):
            return _follow(scope.lookup(parts[0]), parts[1:])
        case Not(operand):
            value = _value(operand, scope)
            return not value if isinstance(value, bool) else None
        case Binary(operator, left, right):
            return _binary(operator, _value(left, scope), _value(right, scope))
        case Among(operand, options):
            value = _value(operand, scope)
            return any(_equal(value, _value(option, scope)) is True for option in options)
        case Choice(condition, then, otherwise):
            return _value(then if _value(condition, scope) is True else otherwise, scope)
        case Call(function, arguments):
            return _call(function, [_value(argument, scope) for argument in arguments])
        case Listing(items):
            return [_value(item, scope) for item in items]


def _follow(value: Any, keys: tuple[str, ...]) -> Any:
    for key in keys:
        if isinstance(value, list):
            value = [item.get(key) if isinstance(item, Mapping) else None for item in value]
        elif isinstance(value, Mapping):
            value = value.get(key)
        else:
            return None
    return value


def _binary(operator: str, left: Any, right: Any) -> Any:
    match operator:
        case "and":
            return _logic(left, right, decisive=False)
        case "or":
            return _logic(left, right, decisive=True)
        case "=":
            return _equal(left, right)
        case "!=":
            equal = _equal(left, right)
            return None if equal is None else not equal
        case "<" | "<=" | ">" | ">=":
            return _ordered(operator, left, right)
        case _:
            return _arithmetic(operator, left, right)


def _logic(left: Any, right: Any, *, decisive: bool) -> bool | None:
    if left is decisive or right is decisive:
        return bool(decisive)
    if isinstance(left, bool) and isinstance(right, bool):
        return not decisive
    return None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _kind(value: Any) -> str:
    if _is_number(value):
        return "number"
    for kind, of in (("boolean", bool), ("text", str), ("list", list), ("context", Mapping)):
        if isinstance(value, of):
            return kind
    return "other"


def _equal(left: Any, right: Any) -> bool | None:
    if left is None or right is None:
        return left is right
    return bool(left == right) if _kind(left) == _kind(right) else None


def _ordered(operator: str, left: Any, right: Any) -> bool | None:
    if left is None or right is None:
        return None
    if isinstance(left, str) and isinstance(right, str):
        return _compare(operator, left, right)
    if isinstance(left, bool | list | Mapping) or isinstance(right, bool | list | Mapping):
        raise _NoOrder
    return _compare(operator, _as_number(left), _as_number(right))


def _as_number(value: Any) -> float:
    """What JavaScript's ``<`` makes of one number and one text."""
    try:
        return float(value)
    except (ValueError, OverflowError):
        return math.nan


def _compare(operator: str, left: Any, right: Any) -> bool:
    match operator:
        case "<":
            return bool(left < right)
        case "<=":
            return bool(left <= right)
        case ">":
            return bool(left > right)
        case _:
            return bool(left >= right)


def _arithmetic(operator: str, left: Any, right: Any) -> Any:
    if operator == "+" and isinstance(left, str) and isinstance(right, str):
        return left + right
    if not (_is_number(left) and _is_number(right)):
        return None
    try:
        first, second = float(left), float(right)
        return _tidy(_calculate(operator, first, second))
    except (ZeroDivisionError, OverflowError):
        return None


def _calculate(operator: str, left: float, right: float) -> float:
    match operator:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case _:
            return left / right


def _tidy(number: float) -> int | float | None:
    """A number as JSON from a browser would carry it: whole ones without a point, no infinity."""
    if not math.isfinite(number):
        return None
    return int(number) if number.is_integer() and abs(number) < 2**53 else number


def _call(function: str, arguments: list[Any]) -> Any:
    first = arguments[0]
    if function == "list contains":
        contains = isinstance(first, list) and any(_equal(item, arguments[1]) is True for item in first)
        return contains if isinstance(first, list) else None
    if first is None:
        return None
    items = first if isinstance(first, list) else [first]
    if function == "count":
        return len(items)
    return _aggregate(function, items)


def _aggregate(function: str, items: list[Any]) -> int | float | None:
    if not items or not all(_is_number(item) for item in items):
        return None
    try:
        numbers = [float(item) for item in items]
    except OverflowError:
        return None
    if function == "sum":
        return _tidy(sum(numbers))
    return _tidy(min(numbers) if function == "min" else max(numbers))
