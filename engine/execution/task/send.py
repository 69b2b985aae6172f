"""``sendTask`` (BPMN 2.0.2 §10.3.3): sends a message, or calls the operation that sends it."""

from __future__ import annotations

from SpiffWorkflow.task import Task

from engine.execution.event.throwing import send
from engine.execution.task.service import CallsOperation


class SendTask(CallsOperation):
    """Done as soon as the message is sent; nobody needs to be waiting for it yet."""

    def perform(self, task: Task) -> bool | None:
        if self.element.options.get("operation"):
            return self.call(task)
        send(task, self.element.event)
        return True
