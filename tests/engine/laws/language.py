"""The few expressions that the laws use. They are Starlark; here they mean the same, and an unknown name counts as 0.

``True``, ``a < 2``, ``a``, ``["x", "y"]``, ``not waitingForStart``; the one script there is counts up: ``n = n + 1``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

_COMPARED = re.compile(r"(\w+) (<|>=) (\d+)")
_WORDS = {"True": True, "False": False}


def evaluate(expression: str, variables: Mapping[str, Any]) -> Any:
    """The value of an expression."""
    if expression in _WORDS:
        return _WORDS[expression]
    if expression.startswith("not "):
        return not variables[expression.removeprefix("not ")]
    if compared := _COMPARED.fullmatch(expression):
        name, how, limit = compared.groups()
        return ((variables.get(name) or 0) < int(limit)) == (how == "<")
    if expression.isidentifier():
        return variables.get(expression)
    return json.loads(expression)


def counting(name: str) -> str:
    """The script that counts a variable up."""
    return f"{name} = {name} + 1"


def execute(script: str, variables: Mapping[str, Any]) -> dict[str, Any]:
    """What a script sets."""
    name = script.partition(" ")[0]
    return {name: (variables.get(name) or 0) + 1}
