"""``subProcess`` and ``transaction`` (BPMN 2.0.2 §10.3.5), and the process itself: a scope with tokens of its own."""

from __future__ import annotations

from typing import Any

from SpiffWorkflow.task import Task

from engine.bpmn.model import Scope
from engine.execution import data
from engine.execution.event.catch import brought
from engine.execution.node import Container, is_token, live_of
from engine.execution.started import Started, begin_with


class ScopeFrame(Container):
    """Opens a scope: its event sub-processes begin to listen, and a token appears at each start."""

    scope: Scope

    def open(self, task: Task, start: Started | None = None) -> None:
        """``start`` is the event that the scope begins with, if one has started it; else it begins by itself."""
        self.open_data(task)
        self.listen_inside(task)
        if start is not None:
            self._begin_with(task, start)
            return
        carried = brought(task)  # to an event sub-process, by what has started it
        for element in self.scope.starts:
            if self.element.triggered_by_event or element.starts_unasked:
                live_of(task).enter(self.process.entry(element.id), task, **carried)

    def open_data(self, task: Task) -> None:
        """The data objects of a scope begin with it, empty (§10.4.1); a process may have been given them."""
        items = data.empty(self.scope.data)
        missing = {name: value for name, value in items.items() if name not in task.data}
        if missing:
            live_of(task).keep(task, missing)

    def listen_inside(self, task: Task) -> None:
        """Let the event sub-processes listen; one for compensation waits until the scope is over (§13.5.4)."""
        for element in self.scope.elements.values():
            start = element.scope.starts[0] if element.triggered_by_event and element.scope else None
            if start is not None and start.event.kind != "compensation":
                live_of(task).enter(self.process.task_specs[start.id], task, listens=element.id)

    def _begin_with(self, task: Task, start: Started) -> None:
        """A token at what the event has started, or at the gateway that it stands behind."""
        for gateway in self.scope.elements.values():
            behind = [self.scope.flows[flow].target for flow in gateway.outgoing]
            if gateway.kind == "eventBasedGateway" and gateway.instantiate and start.element in behind:
                given = [start.element, start.number, dict(start.payload), dict(start.correlation)]
                live_of(task).enter(self.process.task_specs[gateway.id], task, started=given)
                return
        begin_with(task, start)

    def perform(self, task: Task) -> bool | None:
        """Done at once if there is nothing in it."""
        self.open(task)
        return None if any(is_token(child) for child in task.children) else True


class SubProcess(ScopeFrame):
    """An embedded or event sub-process, or a transaction, which its cancel end event leaves (§10.3.5.2)."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        if self.element.scope is None:
            raise TypeError("a sub-process has a scope")
        self.scope = self.element.scope


class ProcessFrame(ScopeFrame):
    """The outermost scope of an instance, or of a called process."""

    visible = False

    def __init__(self, spec: Any, scope: Scope, *args: Any) -> None:
        super().__init__(spec, *args)
        self.scope = scope
