"""``callActivity`` (BPMN 2.0.2 §10.3.6): runs another process inside this instance, with variables of its own.

Only what ``planflow:inputs`` or its data inputs name goes in, and only what ``planflow:outputs`` or its data outputs
name comes out; data inputs and outputs are those of the same name of what is called, and ``*`` is everything.
"""

from __future__ import annotations

from typing import Any

from SpiffWorkflow.task import Task

from engine.execution import data, scopes
from engine.execution.faults import Fault
from engine.execution.mapping import mapped
from engine.execution.node import Container, FlowNode, live_of
from engine.messages import translatable as _

MAX_DEPTH = 100
"""How many scopes may lie in each other before another process is called. A call takes two."""


class CallActivity(Container):
    """Holds one child: the frame of the called process."""

    def perform(self, task: Task) -> None:
        live = live_of(task)
        root = self._called(task)
        if task.depth > MAX_DEPTH:
            raise Fault(_("Processes lie more than %(limit)d deep in each other."), limit=MAX_DEPTH)
        inputs = data.inputs(task)
        inputs |= mapped(
            self.element.inputs, lambda text: live.value(task, text), lambda: scopes.visible(task)
        )
        self._check(root, inputs)
        live.enter(root, task, local=inputs, called=True)

    def _called(self, task: Task) -> FlowNode:
        """The outermost scope of what is called: a global task of the same file, or a process."""
        key = self.element.called or ""
        if key in self.process.global_roots:
            return self.process.global_roots[key]
        called = live_of(task).host.called_process(self.process.definition_id, key)
        if not called.model.starts_by_hand:
            raise Fault(
                _("The process “%(key)s” is started by an event and cannot be called."), key=called.name
            )
        root: FlowNode = called.root
        return root

    @staticmethod
    def _check(root: FlowNode, given: dict[str, Any]) -> None:
        """A called process must be given what one of its input sets needs (§13.2)."""
        if root is root.process.root and (missing := data.lacking(root.process.model.data, given)):
            raise data.NotGiven(missing[0])

    def child_leaves(self, task: Task, child: Task) -> None:
        """Hands the outputs over: those of its own name to its data outputs, and those that are mapped."""
        live = live_of(task)
        live.keep(task, {item.variable: child.data.get(item.variable) for item in self.io.outputs})

        def value(text: str) -> Any:
            return live.ask(text[1:], child.data) if text.startswith("=") else text

        live.assign(task, mapped(self.element.outputs, value, lambda: child.data))
