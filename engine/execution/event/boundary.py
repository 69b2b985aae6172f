"""``boundaryEvent`` (BPMN 2.0.2 §10.5.4): waits while its activity is active, and interrupts it or runs beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from SpiffWorkflow.task import Task

from engine.execution.event.catch import Waits
from engine.execution.node import live_of


class BoundaryEvent(Waits):
    """``host`` in the task's internal data is the token of the activity it is attached to."""

    def happen(self, task: Task, payload: Mapping[str, Any]) -> None:
        live, scope = live_of(task), task.parent
        host = live.find(task.internal_data["host"])
        triggered = live.enter(self, scope, triggered=True)
        self.receive(triggered, payload)
        if not self.element.interrupting:
            self._listen_again(task)
        elif host is not None:
            live.cancel_task(host)  # and this waiting event with it

    def _listen_again(self, task: Task) -> None:
        """An event that does not interrupt can happen any number of times (§10.5.4)."""
        if self.element.parallel_multiple and not task.internal_data["listening"]:
            for number in range(len(self.element.events)):
                self._listen(task, number)


def clear_boundary(host: Task) -> None:
    """The activity is over: its boundary events stop waiting."""
    if host.parent is None or not getattr(host.task_spec, "boundary", ()):
        return
    live = live_of(host)
    for task in host.parent.children:
        if task.internal_data.get("host") == host.id:
            live.cancel_task(task)
