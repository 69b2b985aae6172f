"""``parallelGateway`` (BPMN 2.0.2 §13.4.1): waits for a token from each incoming flow, then takes every outgoing."""

from __future__ import annotations

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.bpmn.model import SequenceFlow
from engine.execution.node import FlowNode, live_of


class ParallelGateway(FlowNode):
    """A token that arrives waits here; the one that completes the set goes on. Excess tokens stay."""

    def activate(self, task: Task) -> bool:
        if len(self.element.incoming) <= 1:
            return True
        task._set_state(TaskState.WAITING)
        firsts = first_of_each_flow(task)
        if len(firsts) < len(self.element.incoming):
            return False
        consume(task, firsts)
        return True

    def leave(self, task: Task) -> list[SequenceFlow]:  # noqa: ARG002
        return list(self.outgoing)


def first_of_each_flow(task: Task, but: Task | None = None) -> dict[str, Task]:
    """The longest waiting token of each incoming flow at this gateway, in this scope, leaving one out."""
    firsts: dict[str, Task] = {}
    for other in task.parent.children:
        if other.task_spec is task.task_spec and other is not but and other.has_state(TaskState.WAITING):
            firsts.setdefault(other.internal_data.get("via", ""), other)
    return firsts


def consume(task: Task, firsts: dict[str, Task]) -> None:
    """Take the tokens that make up the set away; the one in ``task`` goes on for all of them.

    An older token of its own flow is left, as the heir of ``task``, which is spent in its place.
    """
    live = live_of(task)
    mine = task.internal_data.get("via", "")
    for flow, other in firsts.items():
        if other is not task and flow != mine:
            live.spend(other)
