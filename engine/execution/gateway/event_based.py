"""``eventBasedGateway`` (BPMN 2.0.2 §10.6.6): the first of the events behind it decides the way.

One that instantiates is reached by the event that has started the process; a parallel one then waits for the others.
"""

from typing import Any

from SpiffWorkflow.task import Task

from engine.bpmn.model import SequenceFlow
from engine.execution.node import FlowNode, live_of
from engine.execution.records import FlowTaken
from engine.execution.started import Started, begin_with


class EventBasedGateway(FlowNode):
    """Puts a waiting token at each event; they know of each other through ``race``, and of the gateway that holds them.

    ``started`` in the internal data is the event behind it that has happened already.
    """

    def perform(self, task: Task) -> bool:
        live = live_of(task)
        given = task.internal_data.get("started")
        started = None if given is None else Started(*given)
        for flow in self.outgoing:
            if started is not None and flow.target == started.element:
                live.record(FlowTaken(flow.id, self.process.definition_id))
                begin_with(task.parent, started, via=flow.id)
            elif started is None or self.element.parallel_events:
                race: dict[str, Any] = {}
                if not self.element.parallel_events:
                    race["race"] = [task.id, self.element.id]
                live.enter(self.process.entry(flow.target), task.parent, via=flow.id, **race)
        return True

    def leave(self, task: Task) -> list[SequenceFlow]:  # noqa: ARG002
        return []
