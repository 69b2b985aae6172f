"""RFC 8785 (JCS): the one way to write a JSON value, so that everybody who hashes it gets the same.

Python's own encoder, which is written in C, writes the same bytes for most values, several times faster. Where it
could write others (fractions, large integers, keys beyond ASCII), rfc8785 is asked.
"""

from __future__ import annotations

import json
from typing import Any

import rfc8785

EXACT_INTEGER = 2**53 - 1
"""RFC 7493 §2.2: the largest whole number that every reader of JSON keeps exactly."""

_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")).encode


def canonical(value: Any) -> bytes:
    """The canonical form. Raises ValueError (rfc8785.CanonicalizationError) for what is not JSON."""
    return _encode(value).encode() if _written_alike(value) else rfc8785.dumps(value)


def _written_alike(value: Any) -> bool:
    """Whether the encoder of Python's library is sure to write the canonical form."""
    kind = type(value)
    if kind is str or kind is bool or value is None:
        return True
    if kind is int and -EXACT_INTEGER <= value <= EXACT_INTEGER:
        return True
    if kind is list:
        return all(map(_written_alike, value))
    if kind is dict:
        if not all(type(key) is str and key.isascii() for key in value):
            return False
        return all(map(_written_alike, value.values()))
    return False
