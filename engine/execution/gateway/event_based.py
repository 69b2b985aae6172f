"""``eventBasedGateway`` (BPMN 2.0.2 §10.6.6): the first of the events behind it decides the way."""

from SpiffWorkflow.task import Task

from engine.bpmn.model import SequenceFlow
from engine.execution.node import FlowNode, live_of


class EventBasedGateway(FlowNode):
    """Puts a waiting token at each event; they know of each other through ``race``."""

    def perform(self, task: Task) -> bool:
        live = live_of(task)
        for flow in self.outgoing:
            live.enter(self.process.entry(flow.target), task.parent, via=flow.id, race=task.id)
        return True

    def leave(self, task: Task) -> list[SequenceFlow]:  # noqa: ARG002
        return []
