"""``intermediateThrowEvent`` (BPMN 2.0.2 §10.5.4): a milestone, message, signal, escalation, compensation or link."""

from __future__ import annotations

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.bpmn.model import SequenceFlow
from engine.execution.event.throwing import throw
from engine.execution.node import Container


class ThrowsAll(Container):
    """Throws its events in their order. It waits while activities that it compensates are at it inside."""

    def perform(self, task: Task) -> bool | None:
        """Begins anew only where it stopped: ``thrown`` in the internal data counts the events that are done."""
        for number in range(task.internal_data.get("thrown", 0), len(self.element.events)):
            task.internal_data["thrown"] = number + 1
            if not throw(task, self.element.events[number]):
                return None
        return True

    def child_left(self, task: Task, left_behind: None) -> None:  # noqa: ARG002
        """What it compensated is done: throw what is left to throw."""
        task._set_state(TaskState.READY)
        task.workflow.schedule(task)


class IntermediateThrowEvent(ThrowsAll):
    """Throws and goes on. A link goes on at the catching event of its name (§10.5.5)."""

    def leave(self, task: Task) -> list[SequenceFlow]:
        if self.element.link_target is None:
            return super().leave(task)
        jump = f"{self.element.id}:{self.element.link_target}"
        return [SequenceFlow(jump, self.element.id, self.element.link_target, drawn=False)]
