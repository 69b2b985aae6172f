"""What a preset is: it makes a request of a message, and says what the answer means."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

RATE_LIMITED = timedelta(minutes=1)
"""For how long a robot is left alone that says it was written to too often; their limits are per minute."""


@dataclass(frozen=True)
class Message:
    """What is said to people: a title, lines below it, and where to look, if that is known."""

    title: str
    lines: tuple[str, ...]
    url: str | None
    url_text: str

    @property
    def text(self) -> str:
        """All of it as plain text."""
        return "\n".join([self.title, *self.lines, *([self.url] if self.url else [])])


@dataclass(frozen=True)
class Posted:
    """A request: its address, which may carry a signature, and its JSON."""

    url: str
    body: Mapping[str, Any]

    @property
    def content(self) -> str:
        return json.dumps(self.body, ensure_ascii=False)


@dataclass(frozen=True)
class Verdict:
    """Whether it was taken; if not, why, and for how long to wait at least."""

    ok: bool
    error: str | None = None
    wait: timedelta | None = None


@dataclass(frozen=True)
class Preset:
    """``signs`` says whether its robots can have a secret. ``post`` takes address, secret, message and time (UTC)."""

    name: str
    signs: bool
    post: Callable[[str, str | None, Message, datetime], Posted]
    judge: Callable[[int, str], Verdict]


def judged(status: int, body: str, code: str, said: str, busy: Collection[int]) -> Verdict:
    """What a robot's JSON answer means: its ``code`` is 0 for success, ``said`` is its member with the reason."""
    if not 200 <= status <= 299:
        return Verdict(False, f"HTTP {status}")
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        answer = None
    if not isinstance(answer, dict) or not _is_code(answer.get(code)):
        return Verdict(False, f"the answer has no {code}")
    if answer[code] == 0:
        return Verdict(True)
    reason = f"{code} {answer[code]}: {str(answer.get(said, ''))[:300]}"
    return Verdict(False, reason, RATE_LIMITED if answer[code] in busy else None)


def _is_code(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
