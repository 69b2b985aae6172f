"""``intermediateThrowEvent`` (BPMN 2.0.2 §10.5.4): a milestone, message, signal, escalation, compensation or link."""

from __future__ import annotations

from typing import Any

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.bpmn.model import SequenceFlow
from engine.execution.event.throwing import throw
from engine.execution.node import Container, live_of

ORDER = ("link", "message", "compensation", "signal", "escalation", "error", "cancel", "terminate")


class ThrowsAll(Container):
    """Throws all its events, those last that may interrupt it, so that all occur (§10.5.3).

    It waits while activities that it compensates are at it inside.
    """

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.throws = sorted(self.element.events, key=lambda event: ORDER.index(event.kind))

    def perform(self, task: Task) -> bool | None:
        """Begins anew only where it stopped: ``thrown`` in the internal data counts the events that are done."""
        for number in range(task.internal_data.get("thrown", 0), len(self.throws)):
            if task.id not in live_of(task).tasks:
                break  # what it threw before has interrupted it
            done = throw(task, self.throws[number])
            task.internal_data["thrown"] = number + 1
            if not done:
                return None
        return True

    def child_left(self, task: Task, left_behind: None) -> None:  # noqa: ARG002
        """What it compensated is done: throw what is left to throw."""
        task._set_state(TaskState.READY)
        live_of(task).schedule(task)


class IntermediateThrowEvent(ThrowsAll):
    """Throws and goes on. A link goes on at the catching event of its name (§10.5.5)."""

    def leave(self, task: Task) -> list[SequenceFlow]:
        if self.element.link_target is None:
            return super().leave(task)
        jump = f"{self.element.id}:{self.element.link_target}"
        return [SequenceFlow(jump, self.element.id, self.element.link_target, drawn=False)]
