"""What a group's robot says of an event, in the language that was chosen for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from engine.messages import translatable as _
from webhooks.events import BY_NAME
from webhooks.plain import address, member, one_line, shown
from webhooks.presets import Message

Say = Callable[[str, str, str], str]
"""Takes a language, an English text and the key of the process that has worded it, and gives it in that language.

The key is empty for the program's own words.
"""

LONGEST_LINE = 200
_OPEN = _("Open in PlanFlow")
_TEST = _("This is a test message from PlanFlow.")
_LINES: tuple[tuple[str, str], ...] = (
    (_("Task: %(value)s"), "task.name"),
    (_("Process: %(value)s"), "instance.title"),
    (_("Plan: %(value)s"), "plan.title"),
    (_("Version: %(value)s"), "plan.version"),
    (_("Reason: %(value)s"), "plan.reason"),
    (_("Indicator: %(value)s"), "indicator.name"),
    (_("Quarter: %(value)s"), "indicator.quarter"),
    (_("Figure so far: %(value)s"), "indicator.actual"),
    (_("Warning value: %(value)s"), "indicator.warning"),
    (_("Quarter: %(value)s"), "evaluation.reference"),
    (_("Step: %(value)s"), "element.name"),
    (_("What happened: %(value)s"), "error"),
    (_("Reason: %(value)s"), "reason"),
    (_("Decision: %(value)s"), "task.outcome_name"),
    (_("For: %(value)s"), "task.assignee"),
    (_("Due: %(value)s"), "task.due_at"),
    (_("By: %(value)s"), "actor_name"),
)
"""A line for each member that is there, in this order."""


def message_of(kind: str, data: Mapping[str, Any], language: str, say: Say, zone: ZoneInfo) -> Message:
    """An event as people read it. Each line is one line, whatever people have put into their titles."""
    if kind not in BY_NAME:
        return Message("PlanFlow", (say(language, _TEST, ""),), None, "")
    title = f"[PlanFlow] {say(language, BY_NAME[kind].title, '')}"
    data = _in_their_language(data, language, say)
    lines = tuple(_line(say(language, template, ""), value, zone) for template, value in _found(data))
    return Message(title, lines, address(data), say(language, _OPEN, ""))


_WORDED = (
    ("task", "name"),
    ("task", "outcome_name"),
    ("element", "name"),
    ("instance", "title"),
    ("plan", "title"),
)
"""What the designer of a process has worded."""


def _in_their_language(data: Mapping[str, Any], language: str, say: Say) -> Mapping[str, Any]:
    """The same with what the process's designer has worded as its catalogue has it."""
    said = {name: dict(part) if isinstance(part, Mapping) else part for name, part in data.items()}
    process = said.get("instance", {}).get("process", "")
    for part, name in _WORDED:
        if said.get(part, {}).get(name):
            said[part][name] = say(language, said[part][name], process)
    return said


def _found(data: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for template, path in _LINES:
        value = member(data, path)
        if value is not None and not (path == "actor_name" and value == "system"):
            yield template, value


def _line(template: str, value: Any, zone: ZoneInfo) -> str:
    return template % {"value": one_line(shown(value, zone), LONGEST_LINE)}
