"""``startEvent`` (BPMN 2.0.2 §10.5.2): where a token appears; in an event sub-process, what its scope listens for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from SpiffWorkflow.task import Task

from engine.execution.event.catch import Waits
from engine.execution.node import FlowNode, is_token, live_of


class StartEvent(FlowNode):
    """Passed at once: what starts the scope has happened already."""


class EventSubProcessStart(Waits):
    """Listens in the scope around its event sub-process; opens the sub-process when it is triggered (§13.5.4).

    ``listens`` in the internal data is the id of the event sub-process.
    """

    def activate(self, task: Task) -> bool:
        return "listens" not in task.internal_data or super().activate(task)

    def trigger_from_inside(self, task: Task, payload: Mapping[str, Any] | None = None) -> None:
        live, scope = live_of(task), task.parent
        frame = self.process.task_specs[task.internal_data["listens"]]
        if self.element.interrupting:
            for other in list(scope.children):
                if other.id in live.tasks and (is_token(other) or "listens" in other.internal_data):
                    live.cancel_task(other)
        live.keep(live.enter(frame, scope), payload or {})
