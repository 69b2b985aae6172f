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


def first_of_each_flow(task: Task) -> dict[str, Task]:
    """The longest waiting token of each incoming flow at this gateway, in this scope."""
    firsts: dict[str, Task] = {}
    for other in task.parent.children:
        if other.task_spec is task.task_spec and other.has_state(TaskState.WAITING):
            firsts.setdefault(other.internal_data.get("via", ""), other)
    return firsts


def consume(task: Task, firsts: dict[str, Task]) -> None:
    """Take the tokens that make up the set away; the one in ``task`` goes on for all of them."""
    live = live_of(task)
    mine = task.internal_data.get("via", "")
    for flow, other in firsts.items():
        if other is task:
            continue
        if (
            flow == mine
        ):  # an older token of my own flow is spent in my place, and mine stays behind as its heir
            continue
        live._remove_task(other.id)
