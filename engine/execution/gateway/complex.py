"""``complexGateway`` (BPMN 2.0.2 §13.4.5): goes on as soon as its condition says that enough tokens have come.

The first time, ``activationCondition`` decides; it sees ``activationCount``, the number of tokens that wait. After that
the gateway waits for a token from each other incoming flow that can still bring one, and is then as it was at first.
Conditions of outgoing flows are asked both times and see ``waitingForStart``; a flow without a condition is taken the
first time only.
"""

from __future__ import annotations

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.bpmn.model import SequenceFlow
from engine.execution.faults import NoWayOut
from engine.execution.gateway.parallel import consume, first_of_each_flow
from engine.execution.node import FlowNode, is_token, live_of


class ComplexGateway(FlowNode):
    """A token of its own is its memory after it has started: ``resets`` are the flows that have brought theirs."""

    settles = True

    def activate(self, task: Task) -> bool:
        if len(self.element.incoming) <= 1 or task.internal_data.get("fires"):
            return True
        task._set_state(TaskState.WAITING)
        if self._memory(task) is None and self._enough(task):
            self._start(task)
            return True
        return False

    def _enough(self, task: Task) -> bool:
        waiting = [t for t in task.parent.children if t.task_spec is self and t.has_state(TaskState.WAITING)]
        condition = self.element.activation_condition or "False"
        return bool(live_of(task).evaluate(task, condition, activationCount=len(waiting)))

    def _start(self, task: Task) -> None:
        """Spend one token of each flow that has brought one, and remember which they were."""
        live = live_of(task)
        firsts = first_of_each_flow(task)
        flows = sorted(firsts)
        consume(task, firsts)
        task.internal_data["fires"] = True
        if set(flows) < set(self.element.incoming):
            memory = live.place(self, task.parent, resets=flows)
            memory._set_state(TaskState.WAITING)

    def try_to_fire(self, task: Task) -> None:
        """Reset when every other flow has brought its token or can bring none any more (§13.4.5)."""
        resets = task.internal_data.get("resets")
        if resets is None:
            return
        arrived = {via: t for via, t in first_of_each_flow(task, but=task).items() if via not in resets}
        missing = set(self.element.incoming) - set(resets) - arrived.keys()
        if missing and any(self._may_still_come(other, missing) for other in task.parent.children):
            return
        for token in arrived.values():
            live_of(task)._remove_task(token.id)
        task.internal_data["fires"] = True
        live_of(task).schedule(task)
        for token in list(first_of_each_flow(task, but=task).values())[:1]:
            live_of(task).schedule(token)  # left over, it may be enough to start anew

    def entered(self, task: Task) -> None:
        """Resetting shows only where it sends a token on."""
        if "resets" not in task.internal_data or self.leave(task):
            super().entered(task)

    def _may_still_come(self, other: Task, missing: set[str]) -> bool:
        if other.task_spec is self or not is_token(other):
            return False
        return bool(self.process.reach(other.task_spec.element.id, self.element.id) & missing)

    def _memory(self, task: Task) -> Task | None:
        held = (t for t in task.parent.children if t.task_spec is self and "resets" in t.internal_data)
        return next(held, None)

    def leave(self, task: Task) -> list[SequenceFlow]:
        starts = "resets" not in task.internal_data
        taken = [flow for flow in self.outgoing if self._takes(task, flow, starts)]
        default = [flow for flow in self.outgoing if flow.id == self.element.default]
        if starts and self.outgoing and not (taken or default):
            raise NoWayOut()
        return taken or (default if starts else [])

    def _takes(self, task: Task, flow: SequenceFlow, starts: bool) -> bool:
        if flow.id == self.element.default:
            return False
        if flow.condition is None:
            return starts
        return bool(live_of(task).evaluate(task, flow.condition, waitingForStart=starts))
