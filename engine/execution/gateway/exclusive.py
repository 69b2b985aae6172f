"""``exclusiveGateway`` (BPMN 2.0.2 §13.4.2): merges without waiting, and takes the first flow that holds."""

from SpiffWorkflow.task import Task

from engine.bpmn.model import SequenceFlow
from engine.execution.faults import NoWayOut
from engine.execution.node import FlowNode


class ExclusiveGateway(FlowNode):
    """Conditions are asked in the order in which the flows stand in the file."""

    def leave(self, task: Task) -> list[SequenceFlow]:
        if len(self.outgoing) == 1 and self.outgoing[0].condition is None:
            return [self.outgoing[0]]
        for flow in self.outgoing:
            if flow.condition is not None and flow.id != self.element.default and self.holds(task, flow):
                return [flow]
        default = [flow for flow in self.outgoing if flow.id == self.element.default]
        if self.outgoing and not default:
            raise NoWayOut()
        return default
