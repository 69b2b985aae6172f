"""What an event says: made of what the engine told, and of what it knows of the instance and the task."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.context import CommandContext
from engine.history import recorded
from engine.observing import Happening, InstanceFacts, TaskFacts, instance_facts, task_facts
from webhooks.events.types import EventType, types_of

LONGEST = 2_000
"""Characters of one text. What people write may be longer; an event tells of it and does not carry it."""


@dataclass(frozen=True)
class Drafted:
    """An event that nobody has been sent yet. ``lane``: events of one lane arrive in order."""

    type: EventType
    time: datetime
    subject: str
    lane: str
    process: str
    data: dict[str, Any]


def drafts(ctx: CommandContext, happened: Sequence[Happening], public_url: str | None) -> Iterator[Drafted]:
    """The events that tell of what happened, in order."""
    known = _Known(ctx, happened, public_url)
    for each in happened:
        for kind in types_of(each.kind):
            if kind.name.endswith("task.assigned") and known.task(each)["assignee"] is None:
                continue
            data = known.data(each)
            subject = _subject(each, data)
            yield Drafted(kind, each.time, subject, each.instance_id or subject, each.process_key, data)


class _Known:
    """What is known of the instances and tasks that something happened to."""

    def __init__(self, ctx: CommandContext, happened: Sequence[Happening], public_url: str | None) -> None:
        self._instances = instance_facts(ctx.session, {each.instance_id for each in happened} - {""})
        self._tasks = task_facts(ctx.session, {each.task_id for each in happened if each.task_id})
        self._public_url = public_url
        self._people = ctx.people

    def data(self, told: Happening) -> dict[str, Any]:
        data = _SAYING.get(told.kind, _announced)(told)
        for part in data.values():
            if isinstance(part, dict) and "page" in part:
                part["url"] = self._url(part.pop("page"))
        if told.instance_id in self._instances:
            data["instance"] = self._instance(self._instances[told.instance_id])
        if told.task_id is not None:
            data["task"] = {**self.task(told), **data.get("task", {})}
        data["actor"] = told.actor
        data["actor_name"] = self._people.display_name(told.actor)
        data["sequence"] = told.seq
        return {name: _bounded(recorded(value)) for name, value in data.items()}

    def task(self, told: Happening) -> dict[str, Any]:
        facts = self._tasks[told.task_id or ""]
        return {
            "id": facts.id,
            "name": facts.name,
            "element": facts.element,
            "assignee": _assignee(told, facts),
            "candidate_users": list(facts.users),
            "candidate_groups": list(facts.groups),
            "due_at": facts.due_at,
            "priority": facts.priority,
            "created_at": facts.created_at,
            "url": self._url(f"tasks/{facts.id}"),
        }

    def _instance(self, facts: InstanceFacts) -> dict[str, Any]:
        return {
            "id": facts.id,
            "title": facts.title,
            "business_key": facts.business_key,
            "process": facts.process_key,
            "process_name": facts.process_name,
            "process_version": facts.process_version,
            "starter": facts.starter,
            "status": facts.status,
            "url": self._url(f"instances/{facts.id}"),
        }

    def _url(self, path: str) -> str | None:
        return f"{self._public_url}/{path}" if self._public_url else None


def _assignee(told: Happening, facts: TaskFacts) -> str | None:
    """Whose the task is by this event, whatever the same command did to it afterwards."""
    return told.payload.get("assignee") if told.kind == "task.created" else facts.assignee


def _ended(told: Happening) -> dict[str, Any]:
    return {"reason": told.payload.get("reason") or told.payload.get("error")}


def _completed(told: Happening) -> dict[str, Any]:
    return {"task": {name: told.payload.get(name) for name in ("outcome", "outcome_name", "comment")}}


def _element(told: Happening) -> dict[str, Any]:
    return {"element": {"id": told.element, "name": told.element_name}}


def _raised(told: Happening) -> dict[str, Any]:
    return {**_element(told), "error": told.payload.get("error")}


def _nothing(told: Happening) -> dict[str, Any]:  # noqa: ARG001
    return {}


def _announced(told: Happening) -> dict[str, Any]:
    """What other rooms announce says itself what it is about: ``{"plan": {…}}``."""
    return {name: dict(part) if isinstance(part, dict) else part for name, part in told.payload.items()}


_SAYING = {
    "instance.started": _nothing,
    "instance.completed": _ended,
    "instance.terminated": _ended,
    "instance.failed": _ended,
    "task.created": _nothing,
    "task.claimed": _nothing,
    "task.released": _nothing,
    "task.completed": _completed,
    "task.cancelled": _nothing,
    "task.overdue": _nothing,
    "incident.raised": _raised,
    "incident.resolved": _element,
}


def _subject(told: Happening, data: dict[str, Any]) -> str:
    if told.task_id is not None:
        return f"tasks/{told.task_id}"
    for part in ("plan", "indicator", "evaluation"):
        if part in data:
            return f"{part}s/{data[part]['id']}"
    return f"instances/{told.instance_id}"


def _bounded(value: Any) -> Any:
    """Texts of at most `LONGEST` characters that are Unicode, so that every receiver can read them."""
    if isinstance(value, str):
        text = value if len(value) <= LONGEST else value[: LONGEST - 1] + "…"
        return text.encode("utf-8", "replace").decode()
    if isinstance(value, list):
        return [_bounded(each) for each in value]
    if isinstance(value, dict):
        return {name: _bounded(each) for name, each in value.items()}
    return value
