"""What other engines make of the result of a decision, as Starlark over ``result``.

Here a decision gives the outputs by name, a list of such where its hit policy finds several rules, or the value of its
literal expression. Each shape fails when there is more than it can hold.
"""

from __future__ import annotations

_TOO_MANY = '"The decision found more than one rule"'
_NOT_ONE = '"The decision has more than one output"'

SINGLE_RESULT = (
    f"((result[0] if len(result) == 1 else None if not result else fail({_TOO_MANY}))"
    ' if type(result) == "list" else result)'
)
"""The outputs of the one rule: Camunda 7, ``singleResult``."""

LISTED = '(result if type(result) == "list" else [] if result == None else [result])'
"""A list of the outputs of every rule: Camunda 7, ``resultList``, which it uses when nothing is said."""


def _entry(of: str) -> str:
    """The value of the one output; a value that has no outputs is itself."""
    value = f"([value for value in {of}.values()][0] if len({of}) == 1 else fail({_NOT_ONE}))"
    return f'({value} if type({of}) == "dict" else {of})'


SINGLE_ENTRY = _entry(SINGLE_RESULT)
"""The one output of the one rule: Camunda 7, ``singleEntry``."""

COLLECTED = f"[{_entry('each')} for each in {LISTED}]"
"""The one output of every rule: Camunda 7, ``collectEntries``."""

_UNWRAPPED = '([value for value in {0}.values()][0] if type({0}) == "dict" and len({0}) == 1 else {0})'
_ONE, _EACH = _UNWRAPPED.format("result"), _UNWRAPPED.format("each")

FEEL_RESULT = f'([{_EACH} for each in result] if type(result) == "list" else {_ONE})'
"""Camunda 8: where there is one output only, its value stands for it."""
