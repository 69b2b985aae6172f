"""Strict JSON at the border, so that nothing further in meets a value it cannot store or compare.

What RFC 8259 allows but PostgreSQL text, RFC 8785 hashing or a recursive reader could not take is refused
here with its place: NUL and lone surrogates in text, integers beyond 2**53 - 1, NaN and infinities, deep
nesting.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from typing import Any

from engine.errors import FieldProblem, Invalid, PlanFlowError
from engine.messages import translatable as _

MAX_DEPTH = 64
MAX_INTEGER = 2**53 - 1

NOT_JSON = _("The request body is not valid JSON.")
TOO_DEEP = _("This value is nested too deeply.")
BAD_TEXT = _("This text holds a character that cannot be stored.")
BAD_NUMBER = _("This number is too large.")
FIELDS_WRONG = _("Some fields are not right.")
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class NotJson(PlanFlowError):
    """What was sent is not JSON at all."""

    status = 400
    code = "bad_request"


def parse(text: str | bytes) -> Any:
    """The value in ``text``. Raises :class:`NotJson`, or :class:`Invalid` naming the fields to blame."""
    try:
        value = json.loads(text, parse_int=_integer, parse_float=_number, parse_constant=_number)
    except (ValueError, RecursionError):
        raise NotJson(NOT_JSON) from None
    problems = list(_problems(value))
    if problems:
        raise Invalid(FIELDS_WRONG, problems)
    return value


def showable(text: str) -> Any:
    """As much of refused JSON as a page can give back: numbers out of range and what lies too deep left out."""
    try:
        value = json.loads(text, parse_int=_shown_number, parse_float=_shown_number, parse_constant=_nothing)
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict):
        return value
    return {key: item for key, item in value.items() if not _is_too_deep(item)}


def _shown_number(text: str) -> int | float | None:
    number = (_number if {".", "e", "E"} & set(text) else _integer)(text)
    return None if isinstance(number, _TooLarge) else number


def _nothing(_text: str) -> None:
    return None


def _is_too_deep(value: Any) -> bool:
    return any(problem.template == TOO_DEEP for problem in _problems(value))


class _TooLarge:
    """Stands where a number was that is out of range, until its place is known."""


def _integer(text: str) -> int | _TooLarge:
    if len(text) > 17 or abs(int(text)) > MAX_INTEGER:
        return _TooLarge()
    return int(text)


def _number(text: str) -> float | _TooLarge:
    number = float(text)
    return number if math.isfinite(number) else _TooLarge()


def _problems(root: Any) -> Iterator[FieldProblem]:
    waiting: list[tuple[str, Any, int]] = [("", root, 0)]
    while waiting:
        place, value, depth = waiting.pop()
        reason = _reason(value, depth)
        if reason:
            yield FieldProblem(place, reason)
        elif isinstance(value, dict):
            for key, item in value.items():
                if not storable(key):
                    yield FieldProblem(place, BAD_TEXT)
                waiting.append((f"{place}.{key}" if place else key, item, depth + 1))
        elif isinstance(value, list):
            waiting.extend((f"{place}.{index}", item, depth + 1) for index, item in enumerate(value))


def _reason(value: Any, depth: int) -> str | None:
    if depth > MAX_DEPTH:
        return TOO_DEEP
    if isinstance(value, _TooLarge):
        return BAD_NUMBER
    if isinstance(value, str) and not storable(value):
        return BAD_TEXT
    return None


def storable(text: str) -> bool:
    """Whether a database and UTF-8 can hold every character of ``text``."""
    return UNSTORABLE.search(text) is None
