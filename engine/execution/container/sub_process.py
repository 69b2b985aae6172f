"""``subProcess`` (BPMN 2.0.2 §10.3.5), embedded, and the process itself: a scope with tokens of its own."""

from __future__ import annotations

from typing import Any

from SpiffWorkflow.task import Task

from engine.bpmn.model import Scope
from engine.execution.node import Container, is_token, live_of


class ScopeFrame(Container):
    """Opens a scope: its event sub-processes begin to listen, and a token appears at each start."""

    scope: Scope

    def open(self, task: Task, start: str | None = None) -> None:
        """``start`` picks one start event: the message start event that a message has triggered."""
        live = live_of(task)
        for element in self.scope.elements.values():
            if element.triggered_by_event:
                listener = element.scope.starts[0].id if element.scope else ""
                live.enter(self.process.task_specs[listener], task, listens=element.id)
        for element in self.scope.starts:
            if self.element.triggered_by_event or (element.id == start if start else element.starts_unasked):
                live.enter(self.process.entry(element.id), task)

    def perform(self, task: Task) -> bool | None:
        """Done at once if there is nothing in it."""
        self.open(task)
        return None if any(is_token(child) for child in task.children) else True


class SubProcess(ScopeFrame):
    """An embedded or event sub-process."""

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
