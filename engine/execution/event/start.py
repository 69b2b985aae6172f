"""``startEvent`` (BPMN 2.0.2 §10.5.2): where a token appears; in an event sub-process, what its scope listens for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from SpiffWorkflow.task import Task

from engine.execution.event.catch import Waits
from engine.execution.node import is_token, live_of


class StartEvent(Waits):
    """Passed at once: what starts the scope has happened already. One that needs several events waits for the rest."""

    def activate(self, task: Task) -> bool:
        return not self.needs_all or super().activate(task)


class EventSubProcessStart(Waits):
    """Listens in the scope around its event sub-process; opens the sub-process when it is triggered (§13.5.4).

    ``listens`` in the internal data is the id of the event sub-process.
    """

    def activate(self, task: Task) -> bool:
        return "listens" not in task.internal_data or super().activate(task)

    def happen(self, task: Task, carried: dict[str, Any]) -> None:
        live, scope = live_of(task), task.parent
        if self.element.interrupting:
            for other in scope.children:
                if is_token(other) or "listens" in other.internal_data:
                    live.cancel_task(other)
        else:
            self.listen_again(task)
        live.enter(self.process.task_specs[task.internal_data["listens"]], scope, **carried)

    def keep(self, task: Task, values: Mapping[str, Any]) -> None:
        """What was carried belongs to the sub-process itself."""
        live_of(task).keep(task.parent, values)
