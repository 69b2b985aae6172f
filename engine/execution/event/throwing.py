"""Throwing: what throw events, end events, send tasks and multi-instance behaviours share (BPMN 2.0.2 §10.5.5)."""

from __future__ import annotations

from typing import Any

from SpiffWorkflow.task import Task

from engine.bpmn.model import Event
from engine.errors import BpmnError
from engine.execution import compensation, conversation, data, limits, scopes
from engine.execution.mapping import mapped
from engine.execution.node import is_token, live_of
from engine.execution.propagation import throw_escalation, throw_signal
from engine.execution.records import MessageThrown, SignalThrown


def throw(task: Task, event: Event) -> bool:
    """Throw an event from a task. False when the task has to wait for what that set off."""
    if event.kind == "message":
        send(task, event)
    elif event.kind == "signal":
        _signal(task, event)
    elif event.kind == "escalation":
        task.task_spec.completed(task)  # what catches it may interrupt the task, which has done its part
        throw_escalation(task, event.code)
    elif event.kind == "error":
        task.task_spec.completed(task)
        raise BpmnError(event.code or "", event.name or "")
    elif event.kind == "compensation":
        return compensation.throw(task, event)
    elif event.kind == "cancel":
        _end_others(task)
        return compensation.undo_scope(task)
    elif event.kind == "terminate":
        _end_others(task)
    return True


def _end_others(task: Task) -> None:
    """End everything in the scope of the task but itself (§10.5.3, §10.3.5.2)."""
    for other in task.parent.children:
        if other is not task and is_token(other):
            live_of(task).cancel_task(other)


def send(task: Task, event: Event) -> None:
    """Send a message; who waits for it, in whichever process, gets it when this command is done (§10.3.3)."""
    live, spec = live_of(task), task.task_spec
    carried = _carried(task, event)
    limits.check_payload(carried)
    keys = conversation.sent(task, event, carried)
    own = spec.process.definition_id
    live.record(MessageThrown(task.id, spec.element, event.name or "", keys, carried, definition_id=own))


def _signal(task: Task, event: Event) -> None:
    """A signal reaches whoever waits for it: here at once, elsewhere when this command is done."""
    live, spec = live_of(task), task.task_spec
    carried = _carried(task, event)
    limits.check_payload(carried, limits.MAX_SIGNAL)
    own = spec.process.definition_id
    live.record(SignalThrown(task.id, spec.element, event.name or "", carried, definition_id=own))
    spec.completed(task)
    throw_signal(live, event.name or "", carried)


def _carried(task: Task, event: Event) -> dict[str, Any]:
    """What a message or signal carries: the mapped inputs of the element, and its data inputs."""
    live, element = live_of(task), task.task_spec.element
    if event not in element.events:
        return dict(task.internal_data.get("counts", {}))  # a repeated activity tells how far it is (§10.3.8)
    given = mapped(element.inputs, lambda text: live.value(task, text), lambda: scopes.visible(task))
    return {**data.inputs(task), **given}
