"""Variables belong to scopes: process, called process, sub-process, multi-instance child (BPMN 2.0.2 §10.4).

A scope is a live task with ``data``; a token sees its own and those of the scopes around it, up to its process.
A name is written where it already is, searching outwards, and otherwise to the process. A multi-instance child is
a wall: everything written in it stays there, so that its siblings cannot overwrite each other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from SpiffWorkflow.task import Task

from engine.execution.limits import check_names, same


def _outwards(task: Task) -> Iterator[Task]:
    """The task and the scopes around it, innermost first, within its process."""
    current: Task | None = task
    while current is not None:
        yield current
        if is_process(current) and current is not task:
            return
        current = current.parent


def is_process(task: Task) -> bool:
    """Whether a task is the outermost scope of a process or called process."""
    return task.parent is None or "called" in task.internal_data


def visible(task: Task) -> dict[str, Any]:
    """All variables that a task sees, the inner hiding the outer."""
    found: dict[str, Any] = {}
    for scope in reversed(list(_outwards(task))):
        found.update(scope.data)
    return found


@dataclass(frozen=True)
class Change:
    """What is to be written to a scope. ``before`` lacks what is new; what stays the same is in neither."""

    scope: Task
    before: dict[str, Any]
    after: dict[str, Any]


def changes(task: Task, values: Mapping[str, Any]) -> list[Change]:
    """What writing these values from a task changes, scope by scope. Raises ReservedName."""
    chosen: dict[int, tuple[Task, dict[str, Any]]] = {}
    around = list(_outwards(task))
    for name, value in values.items():
        owner = _owner(around, name)
        chosen.setdefault(owner.id, (owner, {}))[1][name] = value
    return [change(scope, own) for scope, own in chosen.values()]


def change(scope: Task, values: Mapping[str, Any]) -> Change:
    """What writing these values to this very scope changes. Raises ReservedName."""
    check_names(values)
    held = scope.data
    after = {name: value for name, value in values.items() if name not in held or not same(held[name], value)}
    return Change(scope, {name: held[name] for name in after if name in held}, after)


def _owner(around: list[Task], name: str) -> Task:
    for scope in around:
        if name in scope.data or "index" in scope.internal_data:
            return scope
    return around[-1]
