"""Multi-instance activities (BPMN 2.0.2 §13.3.7): the frame around the repetitions of one activity."""

from __future__ import annotations

from typing import Any

from SpiffWorkflow.task import Task

from engine.bpmn.model import MultiInstance
from engine.execution.event.throwing import throw
from engine.execution.faults import WrongValue
from engine.execution.node import Container, live_of

MAX_INSTANCES = 10_000


class MultiInstanceFrame(Container):
    """Holds the repetitions, in parallel or one after the other. History shows them, not the frame.

    Internal data: ``items`` still to start, the next one last (none where they are only counted), ``total``,
    ``started``, ``done``, ``outputs``. It is stored with every step, so it holds no more than is needed to go on.
    """

    visible = False

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        if self.element.multi_instance is None:
            raise TypeError("a multi-instance frame has loop characteristics")
        self.loop: MultiInstance = self.element.multi_instance

    def perform(self, task: Task) -> bool | None:
        items = self._items(task)
        total = len(items)
        waiting = items[::-1] if self.loop.element_variable else []
        task.internal_data.update(items=waiting, total=total, done=0, started=0, outputs={})
        if not total:
            self._publish(task, {})
            return True
        for _ in range(1 if self.loop.sequential else total):
            self._start_next(task)
        return None

    def _items(self, task: Task) -> list[Any]:
        live = live_of(task)
        if self.loop.collection is not None:
            items = live.value(task, self.loop.collection)
        else:
            count = live.evaluate(task, self.loop.cardinality or "")
            items = list(range(count)) if isinstance(count, int) and 0 <= count <= MAX_INSTANCES else count
        if not isinstance(items, list) or len(items) > MAX_INSTANCES:
            raise WrongValue("The collection of a multi-instance activity", items)
        return items

    def _start_next(self, task: Task) -> None:
        internal = task.internal_data
        index = internal["started"]
        local = {"loopCounter": index}
        if self.loop.element_variable:
            local[self.loop.element_variable] = internal["items"].pop()
        internal["started"] = index + 1
        live_of(task).enter(self.process.task_specs[self.element.id], task, local=local, index=index)

    def child_leaves(self, task: Task, child: Task) -> bool:
        """Takes the child's output; says whether it was the last one."""
        internal = task.internal_data
        output: dict[str, Any] = {}
        if self.loop.output_element is not None:
            value = live_of(task).value(task, self.loop.output_element, **child.data)
            output[str(child.internal_data["index"])] = value
        done = internal["done"] + 1
        last = self._complete_early(task, done) or done == internal["total"]
        if last:
            self._publish(task, {**internal["outputs"], **output})
        internal["outputs"].update(output)
        internal["done"] = done
        return last

    def child_left(self, task: Task, left_behind: bool) -> None:
        self._throw_behaviors(task)
        if task.id not in live_of(task).tasks:
            return  # what it threw has interrupted it
        if left_behind:
            for child in task.children:
                live_of(task).cancel_task(child)
            task.complete()
        elif self.loop.sequential:
            self._start_next(task)

    def _throw_behaviors(self, task: Task) -> None:
        """Tell of the completion, as ``behavior`` says (§10.3.8, Table 10.27)."""
        done = task.internal_data["done"]
        if self.loop.first_only and done > 1:
            return
        for behavior in self.loop.behaviors:
            counts = self._counts(task, done)
            if behavior.condition is None or live_of(task).evaluate(task, behavior.condition, **counts):
                throw(task, behavior.event)

    def _complete_early(self, task: Task, done: int) -> bool:
        if self.loop.completion_condition is None:
            return False
        counts = self._counts(task, done)
        return bool(live_of(task).evaluate(task, self.loop.completion_condition, **counts))

    @staticmethod
    def _counts(task: Task, done: int) -> dict[str, int]:
        """What conditions may ask of the instances (§10.3.8, Table 10.28)."""
        internal = task.internal_data
        return {
            "nrOfInstances": internal["total"],
            "nrOfCompletedInstances": done,
            "nrOfActiveInstances": internal["started"] - done,
            "nrOfTerminatedInstances": 0,
        }

    def _publish(self, task: Task, outputs: dict[str, Any]) -> None:
        if self.loop.output_collection is None:
            return
        ordered = [outputs[key] for key in sorted(outputs, key=int)]
        live_of(task).assign(task, {self.loop.output_collection: ordered})
