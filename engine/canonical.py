"""RFC 8785 (JCS): the one way to write a JSON value, so that everybody who hashes it gets the same.

orjson writes the same bytes for most values, many times faster. Where it could write others (very large and very
small numbers, fractions that are whole, keys beyond ASCII), rfc8785 is asked. See docs/decisions/0007.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson
import rfc8785

EXACT_INTEGER = 2**53 - 1
"""RFC 7493 §2.2: the largest whole number that every reader of JSON keeps exactly."""

_TEXT = frozenset({str})
_PLAIN = frozenset({str, bool, type(None)})


def canonical(value: Any) -> bytes:
    """The canonical form. Raises ValueError (rfc8785.CanonicalizationError) for what is not JSON."""
    return canonical_of_plain(value) if is_plain(value) else rfc8785.dumps(value)


def canonical_of_plain(value: Any) -> bytes:
    """The canonical form of a value that is plain, which the caller knows. Raises ValueError for half surrogates."""
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError as error:
        raise ValueError(str(error)) from error


def bytes_of_plain(value: Any) -> bytes:
    """A plain value as JSON in UTF-8, its members in their own order. Raises ValueError for half surrogates."""
    try:
        return orjson.dumps(value)
    except orjson.JSONEncodeError as error:
        raise ValueError(str(error)) from error


def is_plain(value: Any) -> bool:
    """Whether it is sure to be JSON that orjson writes in the canonical form."""
    return _are_plain((value,))


def _are_plain(values: Iterable[Any]) -> bool:
    """Keys are sorted by code unit there and by character here, which is the same for ASCII."""
    for value in values:
        kind = type(value)
        if kind in _PLAIN:
            continue
        if kind is int:
            if -EXACT_INTEGER <= value <= EXACT_INTEGER:
                continue
        elif kind is dict:
            if _TEXT.issuperset(map(type, value)) and "".join(value).isascii() and _are_plain(value.values()):
                continue
        elif kind is list:
            if _are_plain(value):
                continue
        elif kind is float and _is_plain_fraction(value):
            continue
        return False
    return True


def _is_plain_fraction(number: float) -> bool:
    """Whether orjson and ECMAScript (RFC 8785 §3.2.2.3) write it alike: digits, a point, the same shortest digits.

    Both take the fewest digits that name the number; they part where one of them begins to write an exponent, and
    over whole numbers, which are 2.0 there.
    """
    return 1e-4 <= abs(number) < 1e15 and not number.is_integer()
