"""``callActivity`` (BPMN 2.0.2 §10.3.6): runs another process inside this instance, with variables of its own.

Only what ``planflow:inputs`` names goes in, and only what ``planflow:outputs`` names comes out; ``*`` is everything.
"""

from __future__ import annotations

from typing import Any

from SpiffWorkflow.task import Task

from engine.execution import scopes
from engine.execution.faults import Fault
from engine.execution.mapping import mapped
from engine.execution.node import Container, live_of
from engine.messages import translatable as _

MAX_DEPTH = 100
"""How many scopes may lie in each other before another process is called. A call takes two."""


class CallActivity(Container):
    """Holds one child: the frame of the called process."""

    def perform(self, task: Task) -> None:
        live = live_of(task)
        called = live.host.called_process(self.process.definition_id, self.element.called or "")
        if not called.model.starts_by_hand:
            raise Fault(
                _("The process “%(key)s” is started by a message and cannot be called."), key=called.name
            )
        if task.depth > MAX_DEPTH:
            raise Fault(_("Processes lie more than %(limit)d deep in each other."), limit=MAX_DEPTH)
        inputs = mapped(
            self.element.inputs, lambda text: live.value(task, text), lambda: scopes.visible(task)
        )
        live.enter(called.root, task, local=inputs, called=True)

    def child_leaves(self, task: Task, child: Task) -> None:
        """Hands the outputs over."""
        live = live_of(task)
        inside = {**child.data, **live.constants, **live.clock_names()}

        def value(text: str) -> Any:
            return live.host.evaluate(text[1:], inside) if text.startswith("=") else text

        live.assign(task, mapped(self.element.outputs, value, lambda: child.data))
