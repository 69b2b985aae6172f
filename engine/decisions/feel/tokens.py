"""The words and signs of a FEEL text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

MAX_SOURCE = 10_000
"""Characters of one cell or expression."""

MOST_WORDS = 8
"""Words that one name may have."""


class NotFeel(Exception):
    """A text is not of the FEEL that is executed; the message says where it stops being it."""


class NotDate(NotFeel):
    """It is written like a date, time or duration, but there is no such one."""


@dataclass(frozen=True)
class Vocabulary:
    """Names that consist of several words, and functions beside FEEL's own with the names of their parameters."""

    names: frozenset[str] = frozenset()
    functions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


class Token(NamedTuple):
    """``kind`` is string, number, name, sign, other or end."""

    kind: str
    text: str


END = Token("end", "")

_TOKENS = re.compile(
    r"""\s*(?:
        (?P<string>"(?:[^"\\]|\\.)*")
      | (?P<number>\d+(?:\.\d+)?|\.\d+(?!\.))
      | `(?P<quoted>[^`\n]+)`
      | (?P<name>[^\W\d]\w*)
      | (?P<sign><=|>=|!=|\*\*|\.\.|[<>=\[\](),.@?+*/-])
      | (?P<other>\S)
    )""",
    re.X,
)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}


def tokens(text: str) -> list[Token]:
    """All tokens of a text. Raises NotFeel when it is too long."""
    if len(text) > MAX_SOURCE:
        raise NotFeel(f"it is longer than {MAX_SOURCE} characters")
    found = []
    for match in _TOKENS.finditer(text.rstrip()):
        kind = match.lastgroup or "other"
        found.append(Token(kind, match[kind]))
    return found


def longest_name(ahead: list[Token], known: frozenset[str] | Mapping[str, object]) -> tuple[str, int] | None:
    """The longest known name that these tokens begin with, and how many of them it takes (DMN 1.3 §10.3.1.4)."""
    best, words = None, ""
    for count, token in enumerate(ahead, 1):
        if token.kind not in ("name", "number"):
            break
        words = f"{words} {token.text}".strip()
        if words in known:
            best = words, count
    return best


def unquote(text: str) -> str:
    """What a string literal means."""
    return re.sub(r"\\(u[0-9a-fA-F]{4}|.)", _unescape, text[1:-1], flags=re.S)


def _unescape(match: re.Match[str]) -> str:
    code = match[1]
    return chr(int(code[1:], 16)) if len(code) == 5 else _ESCAPES.get(code, code)
