"""Errors and escalations travel outwards until an event catches them (BPMN 2.0.2 §10.5.6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.execution.faults import tellable

if TYPE_CHECKING:
    from engine.execution.live import LiveInstance


def throw_error(live: LiveInstance, source: Task, code: str, message: str = "") -> None:
    """Throw an error from a task. The innermost handler takes it; without one the instance fails."""
    catcher = _find(source, "error", code)
    if catcher is None:
        live.end("failed", error=tellable(code), reason=tellable(message) or None)
        return
    live.assign(catcher.parent, {"error_code": tellable(code), "error_message": tellable(message)})
    catcher.task_spec.trigger_from_inside(catcher)


def throw_escalation(source: Task, code: str | None) -> None:
    """Throw an escalation from a task. Nobody needs to catch it."""
    catcher = _find(source, "escalation", code)
    if catcher is not None:
        catcher.task_spec.trigger_from_inside(catcher)


def _find(source: Task, kind: str, code: str | None) -> Task | None:
    current: Task | None = source
    while current is not None and current.parent is not None:
        scope = current.parent
        at_host = [t for t in scope.children if t.internal_data.get("host") == current.id]
        listeners = [t for t in scope.children if "listens" in t.internal_data]
        catcher = _best(at_host, kind, code) or _best(listeners, kind, code)
        if catcher is not None:
            return catcher
        current = scope
    return None


def _best(candidates: list[Task], kind: str, code: str | None) -> Task | None:
    """A handler of just this code before one that takes any."""
    fitting = [
        t
        for t in candidates
        if t.task_spec.element.event.kind == kind
        and t.has_state(TaskState.FUTURE | TaskState.WAITING)
        and t.task_spec.element.event.code in (None, code)
    ]
    fitting.sort(key=lambda t: t.task_spec.element.event.code is None)
    return fitting[0] if fitting else None
