"""Regular expressions of designers, run by RE2: the time grows with the text and never explodes."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import re2

MAX_PATTERN = 200
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|[dDwWsSbBnrtfv]|[^A-Za-z0-9\s])")
_PARTS = re.compile(r"\\u[0-9a-fA-F]{4}|\\.|\[:|\(\?.?|[^\\]", re.DOTALL)
_MAX_MEMORY = 1 << 20  # bytes for one compiled pattern


class PatternRefused(Exception):
    """RE2 does not take the pattern; the message says why."""


def check_pattern(pattern: str) -> None:
    """Raises `PatternRefused` for a pattern that is too long, wrong, or needs backtracking."""
    if len(pattern) > MAX_PATTERN:
        raise PatternRefused(f"it is longer than {MAX_PATTERN} characters.")
    _check_common(pattern)
    _compiled(pattern)


def _check_common(pattern: str) -> None:
    """Refuse what RE2 and the browser's regular expressions read in different ways."""
    for part in _PARTS.findall(pattern):
        if part.startswith("\\") and not _ESCAPE.fullmatch(part):
            raise PatternRefused(f"“{part}” is not supported.")
        if part == "[:" or (part.startswith("(?") and part != "(?:"):
            raise PatternRefused(f"“{part}” is not supported.")


def _in_re2(pattern: str) -> str:
    r"""``\u4e00`` as RE2 spells it: ``\x{4e00}``."""
    return "".join(
        f"\\x{{{part[2:]}}}" if part.startswith("\\u") else part for part in _PARTS.findall(pattern)
    )


def found(pattern: str, text: str) -> bool:
    """Whether ``pattern`` is found somewhere in ``text``, as JavaScript's ``RegExp.test`` says."""
    return _compiled(pattern).search(text) is not None


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> Any:
    options = re2.Options()
    options.max_mem = _MAX_MEMORY
    options.log_errors = False
    try:
        return re2.compile(_in_re2(pattern), options)
    except re2.error as error:
        reason = error.args[0].decode() if isinstance(error.args[0], bytes) else str(error)
        raise PatternRefused(f"{reason}. Look-around and back references are not supported.") from None
