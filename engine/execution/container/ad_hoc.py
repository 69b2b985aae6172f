"""``adHocSubProcess`` (BPMN 2.0.2 §13.3.5): activities in no fixed order, until a condition says that it is enough.

All activities that nothing leads to are offered, or those that ``planflow:activities`` names: together, or one after
the other. The condition is asked at each step. While it does not hold after all have been done, they are offered
again; without a condition the sub-process is over when everything in it is.
"""

from __future__ import annotations

from typing import Any, ClassVar

from SpiffWorkflow.task import Task

from engine.bpmn.model import AdHoc, Element
from engine.execution.container.sub_process import SubProcess
from engine.execution.faults import WrongValue
from engine.execution.node import is_token, live_of


class AdHocSubProcess(SubProcess):
    """``waiting`` in the internal data are the activities that are still to begin; ``enough`` that none will."""

    every_step: ClassVar[bool] = True

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.ad_hoc = self.element.ad_hoc or AdHoc()

    def perform(self, task: Task) -> bool | None:
        live = live_of(task)
        self.open_data(task)
        self.listen_inside(task)
        task.internal_data["waiting"] = self._offered(task)
        if not task.internal_data["waiting"] or self._condition_holds(task):
            for listener in task.children:
                live.cancel_task(listener)
            return True
        self._begin_next(task)
        return None

    def child_leaves(self, task: Task, child: Task) -> bool:  # noqa: ARG002
        """Whether it is enough now; asked at every step."""
        return bool(task.internal_data.get("enough")) or self._condition_holds(task)

    def child_left(self, task: Task, left_behind: bool) -> None:
        live = live_of(task)
        if left_behind:
            task.internal_data["enough"] = True
            if self.ad_hoc.cancels:
                for child in task.children:
                    if is_token(child):
                        live.cancel_task(child)
        if any(is_token(child) for child in task.children):
            return
        if not left_behind and self._goes_on(task):
            self._begin_next(task)
        else:
            task.complete()

    def _goes_on(self, task: Task) -> bool:
        """Whether there is something to begin: what is left, or everything once more while the condition fails."""
        if not task.internal_data["waiting"] and self.ad_hoc.completion_condition is not None:
            task.internal_data["waiting"] = self._offered(task)
        return bool(task.internal_data["waiting"])

    def _begin_next(self, task: Task) -> None:
        waiting: list[str] = task.internal_data["waiting"]
        begun = waiting[:1] if self.ad_hoc.sequential else waiting[:]
        del waiting[: len(begun)]
        for element in begun:
            live_of(task).enter(self.process.entry(element), task)

    def _offered(self, task: Task) -> list[str]:
        free = [element.id for element in self.scope.elements.values() if _may_begin(element)]
        if self.ad_hoc.activities is None:
            return free
        chosen = live_of(task).value(task, self.ad_hoc.activities)
        if not isinstance(chosen, list) or any(each not in free for each in chosen):
            raise WrongValue("The activities of an ad-hoc sub-process", chosen)
        return list(chosen)

    def _condition_holds(self, task: Task) -> bool:
        condition = self.ad_hoc.completion_condition
        return condition is not None and bool(live_of(task).evaluate(task, condition))


def _may_begin(element: Element) -> bool:
    led_to = element.incoming or element.attached_to or element.triggered_by_event
    return not (led_to or element.for_compensation)
