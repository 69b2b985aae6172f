"""Multi-instance activities (BPMN 2.0.2 §13.3.7): the frame around the repetitions of one activity."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from SpiffWorkflow.task import Task

from engine.bpmn.model import Data, Element, Event, MultiInstance
from engine.execution import repeated
from engine.execution.event.throwing import throw
from engine.execution.faults import WrongValue
from engine.execution.node import Container, live_of

MAX_INSTANCES = 10_000


class MultiInstanceFrame(Container):
    """Holds the repetitions, in parallel or one after the other. History shows them, not the frame.

    Internal data: ``items`` still to start, the next one last (none where they are only counted), ``total``, how many
    are ``started`` and ``done``, ``outputs`` by index, and ``counts``, the attributes that what it throws carries
    (§10.3.8). It is stored with every step, so it holds no more than is needed to go on.
    """

    visible = False

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        if self.element.multi_instance is None:
            raise TypeError("a multi-instance frame has loop characteristics")
        self.loop: MultiInstance = self.element.multi_instance

    def own_data(self, element: Element) -> Data:
        return repeated.of_frame(element)

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

    def child_leaves(self, task: Task, child: Task) -> list[Any]:
        """Takes the instance's output; says whether it was the last one, and which behaviours throw."""
        internal, output = task.internal_data, {}
        if self.loop.output_element is not None:
            value = live_of(task).value(child, self.loop.output_element)
            output[str(child.internal_data["index"])] = value
        done = internal["done"] + 1
        counts = self._counts(task, done)
        thrown = self._to_throw(child, counts)
        last = self._complete_early(child, counts) or done == internal["total"]
        if last:
            self._publish(task, {**internal["outputs"], **output})
        internal["outputs"].update(output)
        internal.update(done=done, counts=counts)
        return [last, thrown]

    def child_left(self, task: Task, left_behind: list[Any]) -> None:
        last, thrown = left_behind
        while thrown:
            throw(task, self._event(thrown[0]))
            if task.id not in live_of(task).tasks:
                return  # what it threw has interrupted it
            del thrown[0]
        if last:
            for child in task.children:
                live_of(task).cancel_task(child)
            task.complete()
        elif self.loop.sequential:
            self._start_next(task)

    def _to_throw(self, child: Task, counts: dict[str, int]) -> list[int]:
        """Which behaviours tell of the completion of an instance (§10.3.8, Table 10.27)."""
        if self.loop.first_only and counts["nrOfCompletedInstances"] > 1:
            return []
        return [
            number
            for number, behavior in enumerate(self.loop.behaviors)
            if behavior.condition is None or live_of(child).evaluate(child, behavior.condition, **counts)
        ]

    def _event(self, number: int) -> Event:
        """What a behaviour throws. It never waits for what it sets off: its activity goes on."""
        return replace(self.loop.behaviors[number].event, waits=False)

    def _complete_early(self, child: Task, counts: dict[str, int]) -> bool:
        condition = self.loop.completion_condition
        return condition is not None and bool(live_of(child).evaluate(child, condition, **counts))

    @staticmethod
    def _counts(task: Task, done: int) -> dict[str, int]:
        """What conditions may ask of the instances (§10.3.8, Table 10.28). None is terminated before it is over."""
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
