"""``startEvent`` (BPMN 2.0.2 §10.5.2): where a token appears; in an event sub-process, what its scope listens for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from SpiffWorkflow.task import Task

from engine.execution import data
from engine.execution.event.catch import Waits
from engine.execution.node import is_token, live_of


class StartEvent(Waits):
    """Passed at once: what starts the scope has happened already.

    One that needs several events waits for the rest; ``first`` in the internal data is the number of the one that has
    happened.
    """

    def activate(self, task: Task) -> bool:
        if not self.element.parallel_multiple or task.internal_data.get("triggered"):
            return True
        super().activate(task)
        first = task.internal_data.pop("first", None)
        return first is not None and self.occurs(task, first)


class EventSubProcessStart(Waits):
    """Listens in the scope around its event sub-process; opens the sub-process when it is triggered (§13.5.4).

    ``listens`` in the internal data is the id of the event sub-process.
    """

    def activate(self, task: Task) -> bool:
        if "listens" in task.internal_data:
            return super().activate(task)
        if "carried" in task.parent.internal_data:
            data.receive(task, task.parent.internal_data.pop("carried"))
        return True

    def happen(self, task: Task, payload: Mapping[str, Any]) -> None:
        live, scope = live_of(task), task.parent
        frame = self.process.task_specs[task.internal_data["listens"]]
        if self.element.interrupting:
            for other in list(scope.children):
                if other.id in live.tasks and (is_token(other) or "listens" in other.internal_data):
                    live.cancel_task(other)
        opened = live.enter(frame, scope)
        live.keep(opened, self._given(task, payload))
        if self.io.outputs:
            opened.internal_data["carried"] = dict(payload)

    def _given(self, task: Task, payload: Mapping[str, Any]) -> dict[str, Any]:
        """What the sub-process begins with: what its start event maps, or else all that was carried."""
        live = live_of(task)
        if not self.element.outputs:
            return dict(payload)
        return {m.name: live.value(task, m.value, message=dict(payload)) for m in self.element.outputs}
