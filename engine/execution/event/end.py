"""``endEvent`` (BPMN 2.0.2 §10.5.3): none, message, signal, error, escalation, compensation, cancel, terminate."""

from __future__ import annotations

from SpiffWorkflow.task import Task

from engine.execution import propagation
from engine.execution.event.throw import ThrowsAll
from engine.execution.node import live_of


class EndEvent(ThrowsAll):
    """Takes its token away, throwing its events first. One that cancels a transaction leaves it when it is undone."""

    def _on_complete(self, my_task: Task) -> None:
        cancels = any(event.kind == "cancel" for event in self.element.events)
        if cancels and my_task.id in live_of(my_task).tasks:
            self.completed(my_task)
            propagation.throw_cancel(my_task)
        else:
            super()._on_complete(my_task)
