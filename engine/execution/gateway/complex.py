"""``complexGateway`` (BPMN 2.0.2 §13.4.5): goes on as soon as its condition says that enough tokens have come.

The first time, ``activationCondition`` decides; it sees ``activationCount``, the number of tokens that wait, and is
asked when a token comes or a variable changes. After that the gateway waits for a token from each other incoming flow
that can still bring one, as an inclusive gateway would, and is then as it was at first. Tokens beyond that wait for the
next round. Conditions of outgoing flows are asked both times and see ``waitingForStart``; a flow without a condition is
taken the first time only, the default flow whenever no condition holds.
"""

from __future__ import annotations

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.bpmn.model import SequenceFlow
from engine.execution.faults import NoWayOut
from engine.execution.gateway.inclusive import may_still_come
from engine.execution.gateway.parallel import consume, first_of_each_flow
from engine.execution.node import FlowNode, live_of


class ComplexGateway(FlowNode):
    """A token of its own is its memory after it has started: ``resets`` are the flows that have brought theirs."""

    settles = True

    def activate(self, task: Task) -> bool:
        if len(self.element.incoming) <= 1 or task.internal_data.get("fires"):
            return True
        task._set_state(TaskState.WAITING)
        if self._memory(task) is not None:
            return False
        if self._enough(task):
            self._start(task)
            return True
        live_of(task).await_change(task)
        return False

    def _enough(self, task: Task) -> bool:
        waiting = [t for t in task.parent.children if t.task_spec is self and _waits(t)]
        condition = self.element.activation_condition or "False"
        return bool(live_of(task).evaluate(task, condition, activationCount=len(waiting)))

    def _start(self, task: Task) -> None:
        """Spend one token of each flow that has brought one, and remember which they were."""
        live = live_of(task)
        firsts = first_of_each_flow(task)
        consume(task, firsts)
        task.internal_data["fires"] = True
        memory = live.place(self, task.parent, resets=sorted(firsts))
        memory._set_state(TaskState.WAITING)

    def try_to_fire(self, task: Task) -> None:
        """Reset when every other flow has brought its token or is not waited for (§13.4.5)."""
        resets = task.internal_data.get("resets")
        if resets is None or "fires" in task.internal_data:
            return
        arrived = {via: t for via, t in first_of_each_flow(task, but=task).items() if via not in resets}
        filled = {*resets, *arrived}
        lacking = filled < set(self.element.incoming)
        if lacking and any(may_still_come(self, other, filled) for other in task.parent.children):
            return
        live = live_of(task)
        for token in arrived.values():
            live.spend(token)
        task.internal_data["fires"] = True
        live.schedule(task)
        for token in list(first_of_each_flow(task, but=task).values())[:1]:
            live.schedule(token)  # left over, it may be enough to start anew

    def entered(self, task: Task) -> None:
        """Resetting shows only where it sends a token on."""
        if "resets" not in task.internal_data:
            super().entered(task)

    def _memory(self, task: Task) -> Task | None:
        """What waits for the reset."""
        held = (t for t in task.parent.children if t.task_spec is self and "resets" in t.internal_data)
        return next((t for t in held if "fires" not in t.internal_data), None)

    def leave(self, task: Task) -> list[SequenceFlow]:
        starts = "resets" not in task.internal_data
        taken = [flow for flow in self.outgoing if self._takes(task, flow, starts)]
        taken = taken or [flow for flow in self.outgoing if flow.id == self.element.default]
        if starts and self.outgoing and not taken:
            raise NoWayOut()
        if not starts and taken and "entered" not in task.internal_data:
            super().entered(task)
        return taken

    def _takes(self, task: Task, flow: SequenceFlow, starts: bool) -> bool:
        if flow.id == self.element.default:
            return False
        if flow.condition is None:
            return starts
        return bool(live_of(task).evaluate(task, flow.condition, waitingForStart=starts))


def _waits(task: Task) -> bool:
    """Whether a task at the gateway is a token that waits, and not its memory."""
    return "resets" not in task.internal_data and task.has_state(TaskState.WAITING)
