"""How what is thrown finds who catches it inside an instance (BPMN 2.0.2 §10.5.1).

Errors, escalations and cancellations travel outwards until an event catches them; signals reach everybody who waits.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.execution.faults import tellable

if TYPE_CHECKING:
    from engine.execution.live import LiveInstance


def throw_error(live: LiveInstance, source: Task, code: str, message: str = "") -> None:
    """Throw an error from a task. The innermost handler takes it; without one the instance fails."""
    catcher = find(source, "error", code)
    if catcher is None:
        live.end("failed", error=tellable(code), reason=tellable(message) or None)
        return
    carried = {"error_code": tellable(code), "error_message": tellable(message)}
    catcher.task_spec.trigger_from_inside(catcher, carried, _number(catcher, "error", code))


def throw_escalation(source: Task, code: str | None) -> None:
    """Throw an escalation from a task. Nobody needs to catch it."""
    catcher = find(source, "escalation", code)
    if catcher is not None:
        carried = {} if code is None else {"escalation_code": tellable(code)}
        catcher.task_spec.trigger_from_inside(catcher, carried, _number(catcher, "escalation", code))


def throw_cancel(source: Task) -> None:
    """Leave the transaction that a cancel end event stands in, by its boundary event (§10.3.5.2)."""
    catcher = find(source, "cancel", None)
    if catcher is None:
        raise TypeError("a transaction that is cancelled has a boundary event for that")
    catcher.task_spec.trigger_from_inside(catcher, None, _number(catcher, "cancel", None))


def throw_signal(live: LiveInstance, name: str, payload: Mapping[str, Any]) -> None:
    """Hand a signal to everything in the instance that waits for it now.

    What the first of them interrupts does not get it any more; what they begin does not yet.
    """
    waiting = [
        (task, number)
        for task in live.tasks.values()
        if "listening" in task.internal_data
        for number, event in enumerate(task.task_spec.element.events)
        if event.kind == "signal" and event.name == name and task.task_spec.waits_for(task, number)
    ]
    for task, number in sorted(waiting, key=lambda each: each[0].depth):
        if live.tasks.get(task.id) is task:
            task.task_spec.trigger_from_inside(task, payload, number)


def find(source: Task, kind: str, code: str | None) -> Task | None:
    """The waiting event that catches what a task throws: the innermost, and one of just this code before any other."""
    current: Task | None = source
    while current is not None and current.parent is not None:
        scope = current.parent
        at_host = [t for t in scope.children if t.internal_data.get("host") == current.id]
        own = current.task_spec.element.id  # an event sub-process does not catch what it throws itself
        listeners = [t for t in scope.children if t.internal_data.get("listens", own) != own]
        catcher = _best(at_host, kind, code) or _best(listeners, kind, code)
        if catcher is not None:
            return catcher
        current = scope
    return None


def _best(candidates: list[Task], kind: str, code: str | None) -> Task | None:
    """A handler of just this code before one that takes any."""
    fitting = [t for t in candidates if _number(t, kind, code) >= 0]
    fitting = [t for t in fitting if t.has_state(TaskState.FUTURE | TaskState.WAITING)]
    fitting.sort(key=lambda t: t.task_spec.element.events[_number(t, kind, code)].code is None)
    return fitting[0] if fitting else None


def _number(task: Task, kind: str, code: str | None) -> int:
    """Which of a task's events catches this; -1 when none does."""
    fitting = [
        (event.code is None, number)
        for number, event in enumerate(task.task_spec.element.events)
        if event.kind == kind and event.code in (None, code)
    ]
    return min(fitting)[1] if fitting else -1
