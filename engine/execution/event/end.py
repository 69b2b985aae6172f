"""``endEvent`` (BPMN 2.0.2 §10.5.3): none, message, signal, error, escalation, compensation, cancel, terminate."""

from __future__ import annotations

from SpiffWorkflow.task import Task

from engine.execution import compensation, propagation
from engine.execution.event.throw import ThrowsAll
from engine.execution.node import is_token, live_of


class EndEvent(ThrowsAll):
    """Takes its token away, throwing its events first; terminate and cancel end everything else in its scope."""

    def perform(self, task: Task) -> bool | None:
        kinds = {event.kind for event in self.element.events}
        if "cancel" in kinds and not task.internal_data.get("thrown"):
            return self._cancel_transaction(task)
        if super().perform(task) is None:
            return None
        if "terminate" in kinds:
            _end_others(task)
        return True

    def _cancel_transaction(self, task: Task) -> bool | None:
        """Compensate what the transaction has done (§10.3.5.2); :meth:`_on_complete` then leaves it."""
        task.internal_data["thrown"] = len(self.element.events)
        _end_others(task)
        return True if compensation.undo_scope(task) else None

    def _on_complete(self, my_task: Task) -> None:
        catcher = None
        if any(event.kind == "cancel" for event in self.element.events):
            catcher = propagation.find(my_task, "cancel", None)
        if catcher is None:
            super()._on_complete(my_task)
        else:
            self.completed(my_task)
            catcher.task_spec.trigger_from_inside(catcher)


def _end_others(task: Task) -> None:
    live = live_of(task)
    for other in list(task.parent.children):
        if other is not task and other.id in live.tasks and is_token(other):
            live.cancel_task(other)
