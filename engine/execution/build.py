"""Builds the specs of a process from its model, once for each definition."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from SpiffWorkflow.specs.WorkflowSpec import WorkflowSpec

from engine.bpmn.model import Element, Process, Scope, walk
from engine.execution.compensation import UNDO, UndoFrame
from engine.execution.container.ad_hoc import AdHocSubProcess
from engine.execution.container.call_activity import CallActivity
from engine.execution.container.multi_instance import MultiInstanceFrame
from engine.execution.container.standard_loop import StandardLoopFrame
from engine.execution.container.sub_process import ProcessFrame, SubProcess
from engine.execution.event.boundary import BoundaryEvent
from engine.execution.event.catch import IntermediateCatchEvent
from engine.execution.event.end import EndEvent
from engine.execution.event.start import EventSubProcessStart, StartEvent
from engine.execution.event.throw import IntermediateThrowEvent
from engine.execution.gateway.complex import ComplexGateway
from engine.execution.gateway.event_based import EventBasedGateway
from engine.execution.gateway.exclusive import ExclusiveGateway
from engine.execution.gateway.inclusive import InclusiveGateway
from engine.execution.gateway.parallel import ParallelGateway
from engine.execution.node import Activity, FlowNode
from engine.execution.task.business_rule import BusinessRuleTask
from engine.execution.task.none import NoneTask
from engine.execution.task.receive import ReceiveTask
from engine.execution.task.script import ScriptTask
from engine.execution.task.send import SendTask
from engine.execution.task.service import ServiceTask
from engine.execution.task.user import UserTask

SPECS: dict[str, type[FlowNode]] = {
    "task": NoneTask,
    "userTask": UserTask,
    "manualTask": UserTask,
    "scriptTask": ScriptTask,
    "serviceTask": ServiceTask,
    "businessRuleTask": BusinessRuleTask,
    "receiveTask": ReceiveTask,
    "sendTask": SendTask,
    "subProcess": SubProcess,
    "transaction": SubProcess,
    "adHocSubProcess": AdHocSubProcess,
    "callActivity": CallActivity,
    "exclusiveGateway": ExclusiveGateway,
    "parallelGateway": ParallelGateway,
    "inclusiveGateway": InclusiveGateway,
    "eventBasedGateway": EventBasedGateway,
    "complexGateway": ComplexGateway,
    "startEvent": StartEvent,
    "endEvent": EndEvent,
    "intermediateCatchEvent": IntermediateCatchEvent,
    "intermediateThrowEvent": IntermediateThrowEvent,
    "boundaryEvent": BoundaryEvent,
}

FRAME = ":each"
"""Behind an element's id: the frame around its repetitions. No XML id can hold a colon."""
ROOT = ":process"


class ProcessSpec(WorkflowSpec):  # type: ignore[misc]  # SpiffWorkflow is untyped
    """One version of a process, ready to run. Never changed after it is built: every instance shares it.

    ``handlers`` leads from an activity to the one that compensates it, ``led_by`` from a sub-process to its event
    sub-process for compensation. ``global_roots`` are the scopes of the global tasks that it calls.
    """

    def __init__(self, definition_id: int, process: Process) -> None:
        super().__init__(name=process.id)
        self.definition_id = definition_id
        self.model = process
        called = {e.called for e in walk(process.scope) if e.kind == "callActivity"}
        tasks = {key: scope for key, scope in process.global_tasks.items() if key in called}
        scopes = [process.scope, *_inner(process.scope), *tasks.values()]
        self.handlers = {
            e.attached_to: e.compensated_by for s in scopes for e in _compensating(s) if e.attached_to
        }
        self.led_by = {s.id: e.id for s in scopes for e in s.elements.values() if _leads_compensation(e)}
        self.root = self._frame(ROOT, process.scope, process.name)
        self.global_roots = {key: self._frame(f":{key}", scope, None) for key, scope in tasks.items()}
        self._add_scope(process.scope, inside_event=False)
        for scope in tasks.values():
            self._add_scope(scope, inside_event=False)
        self._attach_boundaries(process.scope)
        self.start = self.root
        self.task_specs: Mapping[str, FlowNode] = MappingProxyType(dict(self.task_specs))
        self._graph = {start: ends for s in scopes for start, ends in _targets(s).items()}
        self.reach = cache(self._reach)

    def entry(self, element_id: str) -> FlowNode:
        """Where a token for this element enters: the frame of its repetitions, or the element itself."""
        entry: FlowNode = self.task_specs.get(element_id + FRAME) or self.task_specs[element_id]
        return entry

    def _frame(self, name: str, scope: Scope, shown: str | None) -> ProcessFrame:
        """The outermost scope of the process, or of a global task, with the frame that undoes what is done in it."""
        self._add_undo(name, scope.id)
        return ProcessFrame(self, scope, name, Element(id=scope.id, kind="process", name=shown), {})

    def _add_undo(self, name: str, scope_id: str) -> None:
        """The frame in which what was done in a scope is undone. Nothing leads out of it."""
        UndoFrame(self, name + UNDO, Element(id=scope_id, kind="compensation"), {})

    def _add_scope(self, scope: Scope, inside_event: bool) -> None:
        flows = dict(scope.flows)
        for element in scope.elements.values():
            spec_class = SPECS[element.kind]
            if element.kind == "startEvent" and inside_event:
                spec_class = EventSubProcessStart
            self._compensable(spec_class(self, element.id, element, flows))
            if element.multi_instance is not None:
                self._compensable(MultiInstanceFrame(self, element.id + FRAME, element, flows))
            if element.loop is not None:
                self._compensable(StandardLoopFrame(self, element.id + FRAME, element, flows))
            if element.scope is not None:
                self._add_undo(element.id, element.id)
                self._add_scope(element.scope, element.triggered_by_event)

    def _compensable(self, spec: FlowNode) -> None:
        """Note whether completing the element may have to be remembered."""
        if isinstance(spec, Activity):
            spec.compensable = spec.element.id in self.handlers or spec.element.scope is not None

    def _attach_boundaries(self, scope: Scope) -> None:
        for element in walk(scope):
            if element.attached_to is not None and element.event.kind != "compensation":
                host = self.entry(element.attached_to)
                if isinstance(host, Activity):
                    host.boundary = (*host.boundary, element.id)

    def _reach(self, start: str, goal: str) -> frozenset[str]:
        """Which incoming flows of ``goal`` a token at ``start`` can come by, without passing ``goal`` itself."""
        found: set[str] = set()
        seen, ahead = {start}, [start]
        while ahead:
            for flow, target in self._graph.get(ahead.pop(), ()):
                if target == goal:
                    found.add(flow)
                elif target not in seen:
                    seen.add(target)
                    ahead.append(target)
        return frozenset(found)


def _inner(scope: Scope) -> list[Scope]:
    return [e.scope for e in walk(scope) if e.scope is not None]


def _compensating(scope: Scope) -> list[Element]:
    return [e for e in scope.elements.values() if e.compensated_by is not None]


def _leads_compensation(element: Element) -> bool:
    """Whether an event sub-process is what compensates the sub-process around it (BPMN 2.0.2 §13.5.5)."""
    inside = element.scope
    return element.triggered_by_event and inside is not None and inside.starts[0].event.kind == "compensation"


def _targets(scope: Scope) -> dict[str, list[tuple[str, str]]]:
    """Where a token at each element can go: along its flows, through its link, or out through its boundary events."""
    found = {e.id: [(f, scope.flows[f].target) for f in e.outgoing] for e in scope.elements.values()}
    for element in scope.elements.values():
        if element.link_target is not None:
            found[element.id].append(("", element.link_target))
        if element.attached_to is not None:
            found[element.attached_to].append(("", element.id))
    return found
