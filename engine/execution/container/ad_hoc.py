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
    """``waiting`` in the internal data are the activities that are still to begin; ``enough`` says that none will."""

    every_step: ClassVar[bool] = True

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.ad_hoc = self.element.ad_hoc or AdHoc()

    def perform(self, task: Task) -> bool | None:
        self.open_data(task)
        offered = self._offered(task)
        if not offered or self._condition_holds(task):
            return True
        task.internal_data["waiting"] = offered
        self.listen_inside(task)
        self._begin_next(task)
        return None

    def child_leaves(self, task: Task, child: Task) -> list[Any]:
        """Whether it is enough now, and else what is offered when nothing is left; asked at every step."""
        if task.internal_data.get("enough") or self._condition_holds(task):
            return [True, []]
        repeats = self.ad_hoc.completion_condition is not None and not task.internal_data["waiting"]
        alone = not any(is_token(other) for other in task.children if other is not child)
        return [False, self._offered(task) if repeats and alone else []]

    def child_left(self, task: Task, left_behind: list[Any]) -> None:
        live = live_of(task)
        enough, offered = left_behind
        if enough:
            task.internal_data.update(enough=True, waiting=[])
            if self.ad_hoc.cancels:
                for child in task.children:
                    if child.id in live.tasks and is_token(child):
                        live.cancel_task(child)
        if any(is_token(child) for child in task.children):
            return
        task.internal_data["waiting"] = task.internal_data["waiting"] or offered
        if task.internal_data["waiting"]:
            self._begin_next(task)
        else:
            task.complete()

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
    catches_link = element.kind == "intermediateCatchEvent" and element.event.kind == "link"
    return not (led_to or element.for_compensation or catches_link)
