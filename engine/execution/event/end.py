"""``endEvent`` (BPMN 2.0.2 §10.5.3): none, error, escalation, terminate."""

from __future__ import annotations

from SpiffWorkflow.task import Task

from engine.errors import BpmnError
from engine.execution.node import FlowNode, is_token, live_of
from engine.execution.propagation import throw_escalation


class EndEvent(FlowNode):
    """Takes its token away; an error end event throws, a terminate end event ends everything in its scope."""

    def perform(self, task: Task) -> bool:
        event = self.element.event
        if event.kind == "error":
            self.completed(task)
            task.internal_data.pop("entered")  # it is done: interrupting its scope does not cancel it
            raise BpmnError(event.code or "", event.name or "")
        if event.kind == "escalation":
            throw_escalation(task, event.code)
        if event.kind == "terminate":
            self._terminate_scope(task)
        return True

    @staticmethod
    def _terminate_scope(task: Task) -> None:
        live = live_of(task)
        for other in list(task.parent.children):
            if other is not task and other.id in live.tasks and is_token(other):
                live.cancel_task(other)
