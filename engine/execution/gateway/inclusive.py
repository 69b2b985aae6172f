"""``inclusiveGateway`` (BPMN 2.0.2 §13.4.3): waits for every token that can still come, then takes what holds."""

from __future__ import annotations

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.bpmn.model import SequenceFlow
from engine.execution.faults import NoWayOut
from engine.execution.gateway.parallel import consume, first_of_each_flow
from engine.execution.node import FlowNode, is_token, live_of


class InclusiveGateway(FlowNode):
    """Joining is decided when the instance has come to rest: only then is it known where tokens are."""

    settles = True

    def activate(self, task: Task) -> bool:
        if len(self.element.incoming) <= 1 or task.internal_data.get("fires"):
            return True
        task._set_state(TaskState.WAITING)
        return False

    def try_to_fire(self, task: Task) -> None:
        """Go on if no token elsewhere in the scope can still reach an incoming flow that is empty."""
        firsts = first_of_each_flow(task)
        if firsts.get(task.internal_data.get("via", "")) != task:
            return
        if any(may_still_come(self, other, set(firsts)) for other in task.parent.children):
            return
        consume(task, firsts)
        task.internal_data["fires"] = True
        live_of(task).schedule(task)

    def leave(self, task: Task) -> list[SequenceFlow]:
        if len(self.outgoing) == 1 and self.outgoing[0].condition is None:
            return [self.outgoing[0]]
        default = self.element.default
        taken = [
            f for f in self.outgoing if f.condition is not None and f.id != default and self.holds(task, f)
        ]
        taken = taken or [f for f in self.outgoing if f.id == default]
        if self.outgoing and not taken:
            raise NoWayOut()
        return taken


def may_still_come(gateway: FlowNode, other: Task, filled: set[str]) -> bool:
    """Whether a token is waited for: it can reach an empty incoming flow and no filled one (§13.4.3)."""
    if other.task_spec is gateway or not is_token(other):
        return False
    reachable = gateway.process.reach(_where(other), gateway.element.id)
    return bool(reachable - filled) and not reachable & filled


def _where(task: Task) -> str:
    """The element that a token is at. Until one of its events happens, an event-based gateway has it (§10.6.6)."""
    race, element = task.internal_data.get("race"), task.task_spec.element.id
    return element if race is None or "triggered" in task.internal_data else str(race[1])
