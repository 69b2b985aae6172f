"""The base of all specs: a BPMN flow node as a SpiffWorkflow task spec.

The contract that every element's file fills in:

``activate(task)``   the token arrives and has what it needs; return True to run at once, False to wait.
``perform(task)``    the element's own work; return True when it is done, None when something else will finish it.
``leave(task)``      which sequence flows the token takes, decided when the work is done.
``withdraw(task)``   give up whatever was waited for; called on completion and on cancellation alike.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from SpiffWorkflow.specs.base import TaskSpec
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.bpmn.model import NO_DATA, Data, Element, SequenceFlow
from engine.execution import data, repeated
from engine.execution.faults import NoWayOut
from engine.execution.records import Cancelled, Completed, Entered, FlowTaken, IncidentWithdrawn

if TYPE_CHECKING:
    from engine.execution.build import ProcessSpec
    from engine.execution.live import LiveInstance


def live_of(task: Task) -> LiveInstance:
    """The instance that a task lives in."""
    live: LiveInstance = task.workflow
    return live


class FlowNode(TaskSpec):  # type: ignore[misc]  # SpiffWorkflow is untyped
    """A flow node. Built once for a definition and never changed, so that all its instances share it."""

    visible: ClassVar[bool] = True
    """Whether history tells of it. The frames around repetitions and compensations do not show."""

    settles: ClassVar[bool] = False
    """Whether tokens may wait here until the instance has come to rest: ``try_to_fire`` is asked then."""

    def __init__(
        self, spec: ProcessSpec, name: str, element: Element, flows: dict[str, SequenceFlow]
    ) -> None:
        super().__init__(spec, name)
        self.process = spec
        self.element = element
        self.outgoing = tuple(flows[f] for f in element.outgoing)
        self.io = self.own_data(element)
        self.has_data = self.io != NO_DATA

    # What an element defines

    def own_data(self, element: Element) -> Data:
        """What of the element's data its tokens bring and hand over; a frame around repetitions has its own part."""
        return repeated.of_each(element)

    def activate(self, task: Task) -> bool:  # noqa: ARG002
        return True

    def perform(self, task: Task) -> bool | None:  # noqa: ARG002
        return True

    def leave(self, task: Task) -> list[SequenceFlow]:
        """All flows without a condition and those whose condition holds, or else the default (§13.3.1)."""
        free = [f for f in self.outgoing if f.condition is None and f.id != self.element.default]
        default = [f for f in self.outgoing if f.id == self.element.default]
        asked = [f for f in self.outgoing if f.condition is not None and f not in default]
        held = [f for f in asked if self.holds(task, f)]
        conditional = any(f.condition is not None for f in self.outgoing)
        taken = free + held + (default if not held else [])
        if self.outgoing and conditional and not taken:
            raise NoWayOut()
        return taken

    def withdraw(self, task: Task) -> None:
        """Nothing is waited for unless an element says so."""

    # What elements share

    def begins(self, task: Task) -> bool:
        """Whether the token has what it needs to begin; its data is then at hand (§10.4.2)."""
        if not self.has_data or "begun" in task.internal_data:
            return True
        if not data.available(task):
            live_of(task).await_change(task)
            return False
        data.begin(task)
        return True

    def ends(self, task: Task) -> None:
        """Hand over what the element gives, before it is decided where its token goes."""
        if self.has_data:
            data.end(task)

    def reconsider(self, task: Task) -> None:
        """A variable has changed, and the task had asked to be told of it.

        One turn is enough however many change: a second one would take a person's task for done.
        """
        if task not in live_of(task).agenda:
            live_of(task).schedule(task)

    @staticmethod
    def holds(task: Task, flow: SequenceFlow) -> bool:
        """Whether the condition of a flow is true for this token."""
        return bool(live_of(task).evaluate(task, str(flow.condition)))

    def entered(self, task: Task) -> None:
        if self.visible:
            live_of(task).record(Entered(task.id, self.element, self.process.definition_id))
        task.internal_data["entered"] = True

    # SpiffWorkflow's life cycle, filled from the contract above

    def test(self) -> None:
        """SpiffWorkflow would ask for an input connection; the reader has checked the structure already."""

    def _update_hook(self, my_task: Task) -> bool:
        return self.begins(my_task) and self.activate(my_task)

    def _on_ready_hook(self, my_task: Task) -> None:
        if not my_task.internal_data.get("entered"):
            self.entered(my_task)
        if not self.manual:
            live_of(my_task).schedule(my_task)

    def _run(self, my_task: Task) -> bool | None:
        """Without SpiffWorkflow's own handling of exceptions: a failed step must stay as it was, to be retried."""
        if my_task.internal_data.get("leaving"):
            return True
        return self.perform(my_task)

    def _on_complete(self, my_task: Task) -> None:
        live_of(my_task).left(my_task)

    def _on_cancel(self, my_task: Task) -> None:
        self.withdraw(my_task)
        if "incident" in my_task.internal_data:
            live_of(my_task).record(IncidentWithdrawn(my_task.id))
        if self.visible and my_task.internal_data.get("entered"):
            live_of(my_task).record(Cancelled(my_task.id, self.element, self.process.definition_id))

    def completed(self, task: Task, flows: tuple[str, ...] = ()) -> None:
        """Tell history that the element is done, once, and which sequence flows its token takes."""
        record, own = live_of(task).record, self.process.definition_id
        if self.visible and task.internal_data.pop("entered", False):
            record(Completed(task.id, self.element, own, flows))
            return
        for flow in flows:
            record(FlowTaken(flow, own))

    def serialize(self, serializer: Any, **kwargs: Any) -> Any:  # noqa: ARG002
        """Specs are rebuilt from their BPMN and never stored."""
        raise TypeError("specs are rebuilt from their BPMN")


class Activity(FlowNode):
    """A flow node that boundary events can be attached to (BPMN 2.0.2 §10.3)."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.boundary: tuple[str, ...] = ()
        self.compensable = False

    def begins(self, task: Task) -> bool:
        return self._has_quantity(task) and super().begins(task)

    def _has_quantity(self, task: Task) -> bool:
        """Tokens wait until as many have come as the activity takes to begin (§13.3.2, ``startQuantity``)."""
        quantity = self.element.start_quantity
        if quantity <= 1 or is_repetition(task) or "gathered" in task.internal_data:
            return True
        task._set_state(TaskState.WAITING)
        task.internal_data["gathers"] = True
        gathered = [t for t in task.parent.children if t.task_spec is self and "gathers" in t.internal_data]
        if len(gathered) < quantity:
            return False
        for spent in [t for t in gathered if t is not task][: quantity - 1]:
            live_of(task).spend(spent)
        del task.internal_data["gathers"]
        task.internal_data["gathered"] = True  # should it wait for its data, it has its tokens
        return True

    def entered(self, task: Task) -> None:
        super().entered(task)
        if not is_repetition(task):  # the frame of a repeated activity carries its events
            for name in self.boundary:
                live_of(task).enter(self.process.task_specs[name], task.parent, host=task.id)


class Container(Activity):
    """A flow node that other tokens live in."""

    every_step: ClassVar[bool] = False
    """Whether it is asked at each step of a token inside, and not only when one has come to its end."""

    def child_leaves(self, task: Task, child: Task) -> Any:  # noqa: ARG002
        """What a token inside leaves behind. Asked before it goes: if this fails it stays, to be tried again."""
        return None

    def child_left(self, task: Task, left_behind: Any) -> None:  # noqa: ARG002
        """A token inside has come to its end. By default the scope is done when none is left."""
        if not any(is_token(c) for c in task.children):
            task.complete()


def is_repetition(task: Task) -> bool:
    """Whether a task is one of the repetitions in the frame of a repeated activity."""
    return "index" in task.internal_data or "round" in task.internal_data


def is_token(task: Task) -> bool:
    """Whether a task keeps its scope alive; event sub-processes that only listen and boundary events do not."""
    internal = task.internal_data
    return (
        "listens" not in internal and "host" not in internal and task.has_state(TaskState.NOT_FINISHED_MASK)
    )
