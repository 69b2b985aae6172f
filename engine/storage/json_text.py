"""Values as JSON text, as the columns of both databases keep it."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy.exc import DontWrapMixin

from engine.canonical import bytes_of_plain, is_plain
from engine.errors import Invalid
from engine.messages import translatable

_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


class Unstorable(Invalid, DontWrapMixin):
    """A value that one of the databases does not keep as JSON: NaN, infinity, NUL, half a surrogate pair."""

    code = "unstorable"

    @classmethod
    def because(cls, reason: object) -> Unstorable:
        """Why it cannot be."""
        return cls(translatable("This value cannot be stored: %(reason)s"), reason=str(reason))


class JsonText(str):
    """A value that has been written already. A column of JSON takes it as it is."""

    __slots__ = ()


def to_json(value: Any) -> str:
    """JSON text of a value for a column; raises `Unstorable` for what one of the databases would not take."""
    if type(value) is JsonText:
        return str(value)
    if is_plain(value):
        return plain_to_json(value)
    try:
        written = _encode(value)
        if not written.isascii():
            written.encode()
    except (ValueError, TypeError, RecursionError) as error:
        raise Unstorable.because(error) from error
    return _without_nul(written, value)


def plain_to_json(value: Any) -> JsonText:
    """Like `to_json`, for a value that is known to be plain (see `engine.canonical`)."""
    return JsonText(plain_to_bytes(value).decode())


def plain_to_bytes(value: Any) -> bytes:
    """Like `plain_to_json`, in UTF-8."""
    try:
        written = bytes_of_plain(value)
    except ValueError as error:
        raise Unstorable.because(error) from error
    if b"\\u0000" in written:
        _refuse_nul(value)
    return written


def _without_nul(written: str, value: Any) -> str:
    if "\\u0000" in written:
        _refuse_nul(value)
    return written


def _refuse_nul(value: Any) -> None:
    if _has_nul(value):
        raise Unstorable.because("NUL character in a text")


def _has_nul(value: Any) -> bool:
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, dict):
        return any(_has_nul(key) or _has_nul(item) for key, item in value.items())
    return isinstance(value, list | tuple) and any(_has_nul(item) for item in value)
