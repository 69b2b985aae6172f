"""The types of events, each with its documented name and payload. ``docs/reference/events.md`` is made from this table.

A name, once it is out, keeps its meaning; a payload may get members, and loses none.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from engine.messages import translatable as _

PREFIX = "org.planflow."

INSTANCE = {
    "instance.id": "id of the process instance",
    "instance.title": "what it is about, as people see it",
    "instance.business_key": "its business key, or null",
    "instance.process": "key of its process",
    "instance.process_name": "name of its process",
    "instance.process_version": "version of its process",
    "instance.starter": "sign-in name of who started it",
    "instance.status": "`active`, `completed`, `terminated` or `failed`, when the event was written",
    "instance.url": "address of its page; null while no public address is set",
}
TASK = {
    "task.id": "id of the task",
    "task.name": "its name",
    "task.element": "id of its element in the model",
    "task.assignee": "sign-in name of whose it is, or null",
    "task.candidate_users": "sign-in names of who may take it",
    "task.candidate_groups": "groups that may take it",
    "task.due_at": "when it is due (UTC), or null",
    "task.priority": "0 to 100",
    "task.created_at": "since when it waits (UTC)",
    "task.url": "address of its page; null while no public address is set",
}
COMMON = {
    "actor": "sign-in name of whose doing it was; `system` for what happens by itself",
    "actor_name": "how that person is shown",
    "sequence": "number of the event in the instance's history; null for what history does not number",
}
COMPLETED = {
    "task.outcome": "id of the chosen outcome, or null",
    "task.outcome_name": "its name, or null",
    "task.comment": "what the person wrote about it, or null",
}
ELEMENT = {"element.id": "id of the element in the model", "element.name": "its name, or null"}
PLAN = {
    "plan.id": "id of the plan",
    "plan.kind": "`annual`, `quarterly` or `monthly`",
    "plan.reference": "the period as people write it: 2027, 2027-Q1 or 2027-01",
    "plan.title": "what people call it",
    "plan.owner": "sign-in name of whose plan it is",
    "plan.version": "number of the version that is in force now",
    "plan.approved_by": "sign-in name of who approved it, or null",
    "plan.url": "address of its page; null while no public address is set",
}
CHANGED = {
    "plan.previous_version": "number of the version that was in force before",
    "plan.ground": "which ground of policy C1 it was changed on, or null",
    "plan.reason": "why, in words, or null",
}
INDICATOR = {
    "indicator.id": "id of the indicator",
    "indicator.name": "its name",
    "indicator.unit": "its unit, or null",
    "indicator.quarter": "the quarter that is looked at, such as 2027-Q1",
    "indicator.actual": "the quarter's figure so far",
    "indicator.target": "its target for the quarter",
    "indicator.warning": "its warning value for the quarter",
}
EVALUATION = {
    "evaluation.id": "id of the report",
    "evaluation.reference": "the quarter as people write it, such as 2027-Q1",
    "evaluation.owner": "sign-in name of whose report it is",
}


@dataclass(frozen=True)
class EventType:
    """A type of event: ``kinds`` are what the engine calls what it tells of, ``payload`` its members by path.

    ``maybe`` are members that are left out where no process is concerned.
    """

    name: str
    title: str
    meaning: str
    kinds: tuple[str, ...]
    payload: Mapping[str, str]
    maybe: Mapping[str, str]


def _type(
    name: str,
    title: str,
    meaning: str,
    kinds: Collection[str],
    *parts: Mapping[str, str],
    maybe: Mapping[str, str] | None = None,
) -> EventType:
    payload = {key: told for part in (*parts, COMMON) for key, told in part.items()}
    return EventType(PREFIX + name, title, meaning, tuple(kinds), payload, maybe or {})


TYPES: tuple[EventType, ...] = (
    _type(
        "instance.started", _("Process started"), "A process instance began.", ["instance.started"], INSTANCE
    ),
    _type(
        "instance.ended",
        _("Process ended"),
        "A process instance came to its end, was ended by somebody, or failed.",
        ["instance.completed", "instance.terminated", "instance.failed"],
        INSTANCE,
        {"reason": "why it was ended early or failed, or null"},
    ),
    _type(
        "task.created",
        _("Task created"),
        "A task waits for somebody. One that is created for one person is followed by `task.assigned`.",
        ["task.created"],
        INSTANCE,
        TASK,
    ),
    _type(
        "task.assigned",
        _("Task assigned"),
        "A task is somebody's now: it was created for them, or they took it.",
        ["task.created", "task.claimed"],
        INSTANCE,
        TASK,
    ),
    _type(
        "task.released",
        _("Task given back"),
        "Somebody gave a task back to its candidates.",
        ["task.released"],
        INSTANCE,
        TASK,
    ),
    _type(
        "task.completed",
        _("Task completed"),
        "Somebody completed a task. What was filled in is not part of it.",
        ["task.completed"],
        INSTANCE,
        TASK,
        COMPLETED,
    ),
    _type(
        "task.cancelled",
        _("Task cancelled"),
        "Nobody has to do a task any more: its process was ended, or went another way.",
        ["task.cancelled"],
        INSTANCE,
        TASK,
    ),
    _type(
        "task.overdue",
        _("Task overdue"),
        "A task was due and is not done. Told once for each task, a minute or two after it was due.",
        ["task.overdue"],
        INSTANCE,
        TASK,
    ),
    _type(
        "incident.raised",
        _("Incident"),
        "A step of a process could not go on and waits for an administrator.",
        ["incident.raised"],
        INSTANCE,
        ELEMENT,
        {"error": "what went wrong"},
    ),
    _type(
        "incident.resolved",
        _("Incident tried again"),
        "An administrator had the step tried again. If it fails again there is a new incident.",
        ["incident.resolved"],
        INSTANCE,
        ELEMENT,
    ),
    _type(
        "plan.in_force",
        _("Plan in force"),
        "A plan came into force (policy A8).",
        ["plan.in_force"],
        PLAN,
        maybe=INSTANCE,
    ),
    _type(
        "plan.changed",
        _("Plan changed"),
        "A plan in force was changed to a new version (policy C4).",
        ["plan.changed"],
        PLAN,
        CHANGED,
        maybe=INSTANCE,
    ),
    _type(
        "indicator.warning",
        _("Indicator warning"),
        "With the last reading an indicator came near its warning value or beyond it (policy K4).",
        ["indicator.warning"],
        INDICATOR,
        maybe=INSTANCE,
    ),
    _type(
        "evaluation.filed",
        _("Evaluation filed"),
        "An evaluation report was filed (policy K6).",
        ["evaluation.filed"],
        EVALUATION,
        maybe=INSTANCE,
    ),
)
"""Every type, in the order in which people choose from them."""

BY_NAME: Mapping[str, EventType] = {each.name: each for each in TYPES}

TEST = PREFIX + "test"
"""The type of the event that an administrator sends to try an endpoint. It goes to that endpoint alone."""


def kinds_of(names: Collection[str]) -> frozenset[str]:
    """What the engine has to tell of for these types; no name means all types."""
    wanted = [BY_NAME[name] for name in names if name in BY_NAME] if names else TYPES
    return frozenset(kind for each in wanted for kind in each.kinds)


def types_of(kind: str) -> list[EventType]:
    """The types that tell of something that the engine calls so."""
    return [each for each in TYPES if kind in each.kinds]
