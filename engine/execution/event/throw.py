"""``intermediateThrowEvent`` (BPMN 2.0.2 §10.5.4): none (a milestone) and escalation."""

from SpiffWorkflow.task import Task

from engine.execution.node import FlowNode
from engine.execution.propagation import throw_escalation


class IntermediateThrowEvent(FlowNode):
    """Throws and goes on."""

    def perform(self, task: Task) -> bool:
        if self.element.event.kind == "escalation":
            throw_escalation(task, self.element.event.code)
        return True
