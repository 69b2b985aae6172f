"""What simple conditions choose between, read from their text: enough to see whether one of several always holds.

Only forms that leave no doubt are read: ``outcome == "approve"``, ``outcome in ["a", "b"]``, several of them with
``or``, and one condition that is the opposite of another. Of everything else nothing is known.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_NAME = r'(?:var\(\s*"(?P<asked>\w+)"\s*(?:,[^()]*)?\)|(?P<name>[A-Za-z_]\w*))'
_LITERAL = r'"[^"\\{}]*"'
_TERM = re.compile(
    rf"{_NAME}\s*(?:==\s*(?P<one>{_LITERAL})|in\s*[\[(]\s*(?P<list>{_LITERAL}(?:\s*,\s*{_LITERAL})*)\s*,?\s*[\])])"
)
_COMPARISON = re.compile(r"(?P<left>[^<>=!]+)(?P<sign>==|!=|<=|>=|<|>)(?P<right>[^<>=!]+)")
_OPPOSITE = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
_JOINED = re.compile(r"\b(?:and|or|if|else|lambda|for|not)\b")


@dataclass(frozen=True)
class Choice:
    """A condition that holds when ``variable`` is one of ``values``, and only then."""

    variable: str
    values: frozenset[str]


def choice(condition: str) -> Choice | None:
    """The condition as a choice, if it is one."""
    plain = _stripped(condition)
    if re.findall(_LITERAL, plain) != re.findall(_LITERAL, condition):
        return None  # a text with more than single spaces in it
    found = [_TERM.fullmatch(part) for part in plain.split(" or ")]
    names = {each["asked"] or each["name"] for each in found if each}
    if len(names) != 1 or not all(found):
        return None
    texts = [each["one"] or each["list"] for each in found if each]
    values = {value[1:-1] for text in texts for value in re.findall(_LITERAL, text)}
    return Choice(names.pop(), frozenset(values))


def one_always_holds(conditions: Sequence[str]) -> bool:
    """Whether one of them is always true, or two of them are each other's opposite."""
    plain = {_stripped(condition) for condition in conditions}
    compared = {pair for condition in plain if (pair := _comparison(condition)) is not None}
    opposites = {(left, _OPPOSITE[sign], right) for left, sign, right in compared}
    denied = {found for condition in plain if (found := _denied(condition)) is not None}
    return "True" in plain or bool(plain & denied) or bool(compared & opposites)


def _stripped(condition: str) -> str:
    return " ".join(condition.split())


def _comparison(condition: str) -> tuple[str, str, str] | None:
    """A single comparison: its left side, sign and right side."""
    found = _COMPARISON.fullmatch(condition)
    if found is None or _JOINED.search(condition):
        return None
    return found["left"].strip(), found["sign"], found["right"].strip()


def _denied(condition: str) -> str | None:
    """What ``not`` stands before, if that is the whole condition."""
    found = re.fullmatch(r"not ?\(([^()]*)\)|not (\w+)", condition)
    return None if found is None else (found[1] or found[2] or "").strip()
