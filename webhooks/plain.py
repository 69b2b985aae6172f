"""What people have written and what events hold, as lines of a message that people read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo


def one_line(text: str, longest: int) -> str:
    """A text without line breaks and other characters that steer, and of bounded length."""
    line = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return line if len(line) <= longest else line[: longest - 1] + "…"


def shown(value: Any, zone: ZoneInfo) -> str:
    """A member of an event: moments (ISO 8601) in this time zone, numbers without needless digits."""
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return f"{value:g}" if isinstance(value, float) else str(value)
    return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M") if moment.tzinfo else str(value)


def member(data: Mapping[str, Any], path: str) -> Any:
    """What lies at a path such as ``task.name``; None where nothing does, or an empty text."""
    value: Any = data
    for step in path.split("."):
        value = value.get(step) if isinstance(value, Mapping) else None
    return None if value == "" else value


def address(data: Mapping[str, Any]) -> str | None:
    """The page of what an event is about."""
    found = (member(data, f"{part}.url") for part in ("task", "plan", "instance"))
    return next((str(each) for each in found if each), None)
