"""Expressions that only look something up, or compare it with a text: they are answered without a worker.

About half of what designers write is no more than ``year``, ``result["plan_id"]`` or ``outcome == "approve"``. There is
nothing in them to be kept in a sandbox, and the way to a worker and back costs more than all the rest. Whatever is
not certain here is left to the worker, which also knows how to say what is wrong.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

UNSURE = object()
"""No answer: ask a worker."""
_BRACKETS = 100
"""A value with no more lists and dictionaries than this cannot be nested deeper than a worker allows."""

_FORM = re.compile(
    r"""\s*(?P<name>[a-z_]\w*)(?P<keys>(?:\["[^"\\\n]*"\])*)\s*(?:(?P<sign>[=!]=)\s*"(?P<text>[^"\\\n]*)"\s*)?""",
    re.ASCII | re.IGNORECASE,
)
_KEY = re.compile(r'\["([^"]*)"\]')
_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode


@dataclass(frozen=True)
class _Lookup:
    name: str
    keys: tuple[str, ...]
    sign: str | None
    text: str


def look_up(source: str, free: Collection[str], variables: Mapping[str, Any], limit: int) -> Any:
    """The value of a plain expression whose free names are given, or UNSURE. ``limit`` is in bytes of JSON."""
    lookup = _understood(source)
    if lookup is None or lookup.name not in free or lookup.name not in variables:
        return UNSURE
    value = variables[lookup.name]
    for key in lookup.keys:
        if type(value) is not dict or key not in value:
            return UNSURE
        value = value[key]
    if lookup.sign is None:
        return _copied(value, limit)
    # In Starlark, values of different types are never equal, and comparing them is no error.
    return (value == lookup.text) is (lookup.sign == "==")


@lru_cache(maxsize=4096)
def _understood(source: str) -> _Lookup | None:
    found = _FORM.fullmatch(source)
    if found is None:
        return None
    keys = tuple(_KEY.findall(found["keys"]))
    return _Lookup(found["name"], keys, found["sign"], found["text"] or "")


def _copied(value: Any, limit: int) -> Any:
    """A value of its own, as it would come back from a worker."""
    try:
        text = _encode(value)
        size = len(text.encode())
    except (TypeError, ValueError, RecursionError):
        return UNSURE
    if size > limit or text.count("[") + text.count("{") > _BRACKETS:
        return UNSURE
    return json.loads(text)
