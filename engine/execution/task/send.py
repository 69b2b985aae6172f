"""``sendTask`` (BPMN 2.0.2 §10.3.3): sends a message, or calls the operation that sends it."""

from __future__ import annotations

from SpiffWorkflow.task import Task

from engine.execution.event.throwing import send
from engine.execution.node import Activity
from engine.execution.task.service import call_operation


class SendTask(Activity):
    """Done as soon as the message is sent; nobody needs to be waiting for it yet."""

    def perform(self, task: Task) -> bool:
        if self.element.options.get("operation"):
            call_operation(task)
        else:
            send(task, self.element.event)
        return True
