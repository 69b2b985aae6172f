"""Standard loops (BPMN 2.0.2 §13.3.6): the frame around an activity that repeats while a condition holds."""

from __future__ import annotations

from typing import Any

from SpiffWorkflow.task import Task

from engine.bpmn.model import Data, Element, StandardLoop
from engine.execution import repeated
from engine.execution.node import Container, live_of


class StandardLoopFrame(Container):
    """Holds one repetition at a time. What a repetition writes stays after it: it is no scope of its own.

    ``loopCounter`` counts from 0 within a repetition; the condition sees how many there have been, and the variables
    of the repetition that is over.
    """

    visible = False

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        if self.element.loop is None:
            raise TypeError("a loop frame has loop characteristics")
        self.loop: StandardLoop = self.element.loop

    def own_data(self, element: Element) -> Data:
        return repeated.of_frame(element)

    def perform(self, task: Task) -> bool | None:
        if self.loop.before and not self._again(task, 0):
            return True
        self._repeat(task, 0)
        return None

    def child_leaves(self, task: Task, child: Task) -> bool:  # noqa: ARG002
        """Whether there will be another repetition."""
        return self._again(child, child.internal_data["round"] + 1)

    def child_left(self, task: Task, left_behind: bool) -> None:
        if left_behind:
            self._repeat(task, task.internal_data["rounds"])
        else:
            task.complete()

    def _repeat(self, task: Task, number: int) -> None:
        task.internal_data["rounds"] = number + 1
        spec = self.process.task_specs[self.element.id]
        live_of(task).enter(spec, task, local={"loopCounter": number}, round=number)

    def _again(self, task: Task, rounds: int) -> bool:
        if self.loop.maximum is not None and rounds >= self.loop.maximum:
            return False
        return bool(live_of(task).evaluate(task, self.loop.condition or "True", loopCounter=rounds))
