"""Throwing: what throw events, end events, send tasks and multi-instance behaviours share (BPMN 2.0.2 §10.5.5)."""

from __future__ import annotations

from typing import Any

from SpiffWorkflow.task import Task

from engine.bpmn.model import Event
from engine.errors import BpmnError
from engine.execution import compensation, data, scopes
from engine.execution.faults import WrongValue
from engine.execution.mapping import mapped
from engine.execution.node import live_of
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
    return True


def send(task: Task, event: Event) -> None:
    """Send a message; who waits for it, in whichever process, gets it when this command is done (§10.3.3)."""
    live, spec = live_of(task), task.task_spec
    carried = _carried(task, event)
    value = {} if event.correlation is None else live.value(task, event.correlation)
    if not isinstance(value, dict):
        raise WrongValue("The correlation of a message", value)
    keys = {**live.keys_of(task, event.name or "", carried), **value}
    live.remember(keys)
    own = spec.process.definition_id
    live.record(MessageThrown(task.id, spec.element, event.name or "", keys, carried, definition_id=own))


def _signal(task: Task, event: Event) -> None:
    """A signal reaches whoever waits for it: here at once, elsewhere when this command is done."""
    live, spec = live_of(task), task.task_spec
    carried = _carried(task, event)
    own = spec.process.definition_id
    live.record(SignalThrown(task.id, spec.element, event.name or "", carried, definition_id=own))
    spec.completed(task)
    throw_signal(live, event.name or "", carried)


def _carried(task: Task, event: Event) -> dict[str, Any]:
    """What a message or signal carries: the mapped inputs of the element, and its data inputs."""
    live, element = live_of(task), task.task_spec.element
    if event not in element.events:
        return {}  # what a repeated activity throws of its own accord carries nothing
    inputs = mapped(element.inputs, lambda text: live.value(task, text), lambda: scopes.visible(task))
    return {**data.payload(task), **inputs}
