"""Reads BPMN XML into a :class:`~engine.bpmn.model.Model`, and names everything in it that is not executed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType

from lxml import etree

from engine import xml
from engine.bpmn.conformance import Conformance
from engine.bpmn.dialects import adopt, is_only_drawn
from engine.bpmn.model import NO_DATA, Element, Mapped, Model, Outcome, Process, Scope, SequenceFlow
from engine.bpmn.reading import nodes
from engine.bpmn.reading.correlation import correlation_of
from engine.bpmn.reading.data import data_of, given_and_taken, item_of, objects_of, stores_of
from engine.bpmn.reading.events import events_of
from engine.bpmn.reading.people import roles_of
from engine.bpmn.reading.references import References
from engine.bpmn.reading.repetition import ad_hoc_of, loop_of, multi_instance_of
from engine.bpmn.structure import structural_problems
from engine.bpmn.support import BPMN, FLOW_NODES, GLOBAL_TASKS, SUB_PROCESSES, local_id
from engine.errors import NotDeployable, Problem

_INTERRUPTS = {"boundaryEvent": "cancelActivity", "startEvent": "isInterrupting"}

Lane = tuple[str | None, str | None]
"""The name of a lane, and the group it stands for."""


def read_bpmn(content: bytes, resource: str) -> tuple[Model, list[Problem]]:
    """The model in a BPMN file, with warnings.

    Raises :class:`NotDeployable` with every reason when the file cannot be parsed, holds no process, or uses
    what the engine does not execute.
    """
    root = xml.parse(content, resource)
    problems = adopt(root, resource) + Conformance(resource).check(root)
    errors = [p for p in problems if p.severity == "error"]
    if errors:
        raise NotDeployable(errors)
    model = _Reader(resource, root).model()
    errors = [] if is_only_drawn(root) else structural_problems(model)
    if errors:
        raise NotDeployable(errors)
    return model, problems


class _Ends:
    """The sequence flows of a scope by the flow nodes at their ends."""

    def __init__(self, flows: Iterable[SequenceFlow]) -> None:
        self.into: dict[str, list[str]] = {}
        self.out_of: dict[str, list[str]] = {}
        for flow in flows:
            self.into.setdefault(flow.target, []).append(flow.id)
            self.out_of.setdefault(flow.source, []).append(flow.id)


class _Reader:
    """Walks a file that is known to hold only what is executed."""

    def __init__(self, resource: str, root: etree._Element) -> None:
        self.resource = resource
        self.root = root
        self.references = References(root)
        self.lanes: dict[str, Lane] = {}
        self.compensations = _compensations(root, self.references)

    def model(self) -> Model:
        global_tasks = MappingProxyType(
            {str(node.get("id")): self.global_task(node) for node in nodes.children(self.root, *GLOBAL_TASKS)}
        )
        processes = {
            str(node.get("id")): self.process(node, global_tasks)
            for node in nodes.children(self.root, "process")
        }
        return Model(self.resource, MappingProxyType(processes))

    def process(self, node: etree._Element, global_tasks: Mapping[str, Scope]) -> Process:
        return Process(
            id=str(node.get("id")),
            name=node.get("name"),
            executable=nodes.flag(node, "isExecutable"),
            documentation=nodes.all_text_in(node, "documentation"),
            scope=self.scope(node),
            correlation=correlation_of(node, self.references),
            global_tasks=global_tasks,
            data=data_of(node, self.references),
            stores=stores_of(node, self.references),
            options=nodes.options(node),
        )

    def global_task(self, node: etree._Element) -> Scope:
        """A global task as a scope that holds the task it stands for, and what it is given (BPMN 2.0.2 §10.3.7)."""
        task = self.element(node, _Ends(()), (None, None), kind=GLOBAL_TASKS[nodes.local(node)])
        items = tuple(map(item_of, given_and_taken(node)))
        task = replace(task, data=NO_DATA)
        return Scope(task.id, MappingProxyType({task.id: task}), MappingProxyType({}), items)

    def _index_lanes(self, lane_set: etree._Element, around: Lane = (None, None)) -> None:
        """Which lane each node is in: the innermost. One without name and group is that around it."""
        for lane in nodes.children(lane_set, "lane"):
            group = nodes.options(lane).get("group") or lane.get("name") or around[1]
            found = (lane.get("name") or around[0], group)
            for ref in nodes.children(lane, "flowNodeRef"):
                self.lanes[local_id(ref.text)] = found
            for inner in nodes.children(lane, "childLaneSet"):
                self._index_lanes(inner, found)

    def scope(self, node: etree._Element, lane: Lane = (None, None)) -> Scope:
        flows = {str(f.get("id")): self.flow(f) for f in nodes.children(node, "sequenceFlow")}
        for lane_set in nodes.children(node, "laneSet"):
            self._index_lanes(lane_set, lane)
        ends = _Ends(flows.values())
        elements = {
            str(n.get("id")): self.element(n, ends, self.lanes.get(str(n.get("id")), lane))
            for n in nodes.children(node, *sorted(FLOW_NODES))
        }
        return Scope(
            str(node.get("id")), MappingProxyType(elements), MappingProxyType(flows), objects_of(node)
        )

    def flow(self, node: etree._Element) -> SequenceFlow:
        return SequenceFlow(
            id=str(node.get("id")),
            source=str(nodes.word(node, "sourceRef")),
            target=str(nodes.word(node, "targetRef")),
            name=node.get("name"),
            condition=nodes.expression_in(node, "conditionExpression"),
        )

    def element(self, node: etree._Element, ends: _Ends, lane: Lane, kind: str | None = None) -> Element:
        kind = kind or nodes.local(node)
        element_id = str(node.get("id"))
        return Element(
            id=element_id,
            kind=kind,
            name=node.get("name"),
            lane=lane[0],
            group=lane[1],
            documentation=nodes.all_text_in(node, "documentation"),
            default=nodes.word(node, "default"),
            incoming=tuple(ends.into.get(element_id, ())),
            outgoing=tuple(ends.out_of.get(element_id, ())),
            events=events_of(node, self.references),
            parallel_multiple=nodes.flag(node, "parallelMultiple"),
            attached_to=local_id(node.get("attachedToRef")) or None,
            interrupting=nodes.flag(node, _INTERRUPTS.get(kind, "cancelActivity"), default=True),
            multi_instance=multi_instance_of(node, self.references),
            loop=loop_of(node),
            ad_hoc=ad_hoc_of(node),
            script=nodes.text_in(node, "script"),
            called=local_id(node.get("calledElement")) or None,
            triggered_by_event=nodes.flag(node, "triggeredByEvent"),
            scope=self.scope(node, lane) if kind in SUB_PROCESSES else None,
            instantiate=nodes.flag(node, "instantiate"),
            parallel_events=nodes.word(node, "eventGatewayType") == "Parallel",
            activation_condition=nodes.expression_in(node, "activationCondition"),
            start_quantity=nodes.whole_number(node.get("startQuantity"), 1) or 0,
            completion_quantity=nodes.whole_number(node.get("completionQuantity"), 1) or 0,
            for_compensation=nodes.flag(node, "isForCompensation"),
            compensated_by=self.compensations.get(element_id),
            link_target=_link_target(node),
            data=data_of(node, self.references),
            options=self._options(node),
            inputs=_mapped(node, "inputs", "input"),
            outputs=_mapped(node, "outputs", "output"),
            outcomes=_outcomes(node),
            facts=_mapped(node, "facts", "fact", key="label"),
        )

    def _options(self, node: etree._Element) -> Mapping[str, str]:
        given = {**roles_of(node, self.references), **nodes.options(node)}
        operation = self.references.find(node.get("operationRef") or nodes.text_in(node, "operationRef"))
        if operation is not None and "operation" not in given and nodes.local(node) == "serviceTask":
            given["operation"] = operation.get("implementationRef") or operation.get("name") or ""
        return MappingProxyType(given)


def _compensations(root: etree._Element, references: References) -> dict[str, str]:
    """Which activity each compensation boundary event leads to, along an association (BPMN 2.0.2 §10.7.1)."""
    found = {}
    for association in root.iter(f"{{{BPMN}}}association"):
        source, target = (local_id(association.get(end)) for end in ("sourceRef", "targetRef"))
        event = references.find(source)
        if event is not None and nodes.local(event) == "boundaryEvent":
            found[source] = target
    return found


def _link_target(node: etree._Element) -> str | None:
    """The catching event of the same name in the same scope (BPMN 2.0.2 §10.5.5)."""
    link = nodes.child(node, "linkEventDefinition")
    parent = node.getparent()
    if nodes.local(node) != "intermediateThrowEvent" or link is None or parent is None:
        return None
    for other in nodes.children(parent, "intermediateCatchEvent"):
        found = nodes.child(other, "linkEventDefinition")
        if found is not None and found.get("name") == link.get("name"):
            return other.get("id")
    return None


def _mapped(node: etree._Element, group: str, item: str, key: str = "name") -> tuple[Mapped, ...]:
    return tuple(Mapped(n.get(key) or "", n.get("value") or "") for n in nodes.extension(node, group, item))


def _outcomes(node: etree._Element) -> tuple[Outcome, ...]:
    return tuple(
        Outcome(
            n.get("id") or "",
            n.get("name") or n.get("id") or "",
            n.get("kind") or "neutral",
            n.get("comment") or "optional",
        )
        for n in nodes.extension(node, "outcomes", "outcome")
    )
