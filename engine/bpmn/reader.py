"""Reads BPMN XML into a :class:`~engine.bpmn.model.Model`, and names everything in it that is not executed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from lxml import etree

from engine import xml
from engine.bpmn.conformance import Conformance
from engine.bpmn.model import (
    Element,
    Event,
    Mapped,
    Model,
    MultiInstance,
    Outcome,
    Process,
    Scope,
    SequenceFlow,
    Timer,
)
from engine.bpmn.structure import remarks, structural_problems
from engine.bpmn.support import BPMN, FLOW_NODES, PLANFLOW
from engine.errors import NotDeployable, Problem

EVENT_KINDS = {
    "messageEventDefinition": "message",
    "timerEventDefinition": "timer",
    "errorEventDefinition": "error",
    "escalationEventDefinition": "escalation",
    "terminateEventDefinition": "terminate",
}
TIMER_KINDS = {"timeDate": "date", "timeDuration": "duration", "timeCycle": "cycle"}


def read_bpmn(content: bytes, resource: str) -> tuple[Model, list[Problem]]:
    """The model in a BPMN file, with warnings.

    Raises :class:`NotDeployable` with every reason when the file cannot be parsed, holds no process, or uses
    what the engine does not execute.
    """
    root = xml.parse(content, resource)
    problems = Conformance(resource).check(root)
    errors = [p for p in problems if p.severity == "error"]
    if errors:
        raise NotDeployable(errors)
    model = _Reader(resource, root).model()
    errors = structural_problems(model)
    if errors:
        raise NotDeployable(errors)
    return model, [*problems, *remarks(model)]


def _tag(name: str) -> str:
    return f"{{{BPMN}}}{name}"


def _text(node: etree._Element | None) -> str | None:
    text = None if node is None else "".join(str(part) for part in node.itertext()).strip()
    return text or None


def _children(node: etree._Element, *names: str) -> Iterator[etree._Element]:
    yield from node.iterchildren(*(_tag(name) for name in names))


def _options(node: etree._Element) -> Mapping[str, str]:
    prefix = f"{{{PLANFLOW}}}"
    found = {str(k)[len(prefix) :]: str(v) for k, v in node.attrib.items() if str(k).startswith(prefix)}
    return MappingProxyType(found)


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
        self.named = {str(node.get("id")): node for node in _children(root, "message", "error", "escalation")}
        self.lanes: dict[str, tuple[str | None, str | None]] = {}

    def model(self) -> Model:
        processes = {str(p.get("id")): self.process(p) for p in _children(self.root, "process")}
        return Model(self.resource, MappingProxyType(processes))

    def process(self, node: etree._Element) -> Process:
        for lane_set in _children(node, "laneSet"):
            self._index_lanes(lane_set)
        return Process(
            id=str(node.get("id")),
            name=node.get("name"),
            executable=node.get("isExecutable") == "true",
            documentation=_text(node.find(_tag("documentation"))),
            scope=self.scope(node),
            options=_options(node),
        )

    def _index_lanes(self, lane_set: etree._Element) -> None:
        for lane in _children(lane_set, "lane"):
            group = _options(lane).get("group") or lane.get("name")
            for ref in _children(lane, "flowNodeRef"):
                self.lanes[_text(ref) or ""] = (lane.get("name"), group)
            for inner in _children(lane, "childLaneSet"):
                self._index_lanes(inner)

    def scope(self, node: etree._Element, lane: tuple[str | None, str | None] = (None, None)) -> Scope:
        flows = {str(f.get("id")): self.flow(f) for f in _children(node, "sequenceFlow")}
        for lane_set in _children(node, "laneSet"):
            self._index_lanes(lane_set)
        ends = _Ends(flows.values())
        elements = {
            str(n.get("id")): self.element(n, ends, self.lanes.get(str(n.get("id")), lane))
            for n in _children(node, *sorted(FLOW_NODES))
        }
        return Scope(str(node.get("id")), MappingProxyType(elements), MappingProxyType(flows))

    def flow(self, node: etree._Element) -> SequenceFlow:
        return SequenceFlow(
            id=str(node.get("id")),
            source=str(node.get("sourceRef")),
            target=str(node.get("targetRef")),
            name=node.get("name"),
            condition=_text(node.find(_tag("conditionExpression"))),
        )

    def element(self, node: etree._Element, ends: _Ends, lane: tuple[str | None, str | None]) -> Element:
        kind = etree.QName(node).localname
        element_id = str(node.get("id"))
        return Element(
            id=element_id,
            kind=kind,
            name=node.get("name"),
            lane=lane[0],
            group=lane[1],
            documentation=_text(node.find(_tag("documentation"))),
            default=node.get("default"),
            incoming=tuple(ends.into.get(element_id, ())),
            outgoing=tuple(ends.out_of.get(element_id, ())),
            event=self.event(node),
            attached_to=node.get("attachedToRef"),
            interrupting=(node.get("cancelActivity") or node.get("isInterrupting") or "true") == "true",
            multi_instance=self.multi_instance(node),
            script=_text(node.find(_tag("script"))),
            called=node.get("calledElement"),
            triggered_by_event=node.get("triggeredByEvent") == "true",
            scope=self.scope(node, lane) if kind == "subProcess" else None,
            options=_options(node),
            inputs=self.mapped(node, "inputs", "input"),
            outputs=self.mapped(node, "outputs", "output"),
            outcomes=self.outcomes(node),
            facts=self.mapped(node, "facts", "fact", key="label"),
        )

    def event(self, node: etree._Element) -> Event:
        for definition in _children(node, *EVENT_KINDS):
            return self._event_from(definition, _options(node).get("correlation"))
        if etree.QName(node).localname == "receiveTask":
            message = self.named.get(node.get("messageRef") or "")
            name = None if message is None else message.get("name")
            return Event("message", name=name, correlation=_options(node).get("correlation"))
        return Event()

    def _event_from(self, definition: etree._Element, correlation: str | None) -> Event:
        tag = etree.QName(definition).localname
        kind = EVENT_KINDS[tag]
        if kind == "timer":
            return Event("timer", timer=self._timer(definition))
        if kind == "terminate":
            return Event("terminate")
        referred = self.named.get(definition.get(f"{kind}Ref") or "")
        if referred is None:
            return Event(kind, correlation=correlation)
        return Event(
            kind, name=referred.get("name"), code=referred.get(f"{kind}Code"), correlation=correlation
        )

    @staticmethod
    def _timer(definition: etree._Element) -> Timer | None:
        for node in _children(definition, *TIMER_KINDS):
            return Timer(TIMER_KINDS[etree.QName(node).localname], _text(node) or "")
        return None

    @staticmethod
    def multi_instance(node: etree._Element) -> MultiInstance | None:
        loop = node.find(_tag("multiInstanceLoopCharacteristics"))
        if loop is None:
            return None
        options = _options(loop)
        return MultiInstance(
            sequential=loop.get("isSequential") == "true",
            collection=options.get("collection"),
            cardinality=_text(loop.find(_tag("loopCardinality"))),
            element_variable=options.get("elementVariable"),
            output_collection=options.get("outputCollection"),
            output_element=options.get("outputElement"),
            completion_condition=_text(loop.find(_tag("completionCondition"))),
        )

    @staticmethod
    def _extension(node: etree._Element, group: str, item: str) -> Iterator[etree._Element]:
        path = f"{_tag('extensionElements')}/{{{PLANFLOW}}}{group}/{{{PLANFLOW}}}{item}"
        yield from node.iterfind(path)

    def mapped(self, node: etree._Element, group: str, item: str, key: str = "name") -> tuple[Mapped, ...]:
        return tuple(
            Mapped(n.get(key) or "", n.get("value") or "") for n in self._extension(node, group, item)
        )

    def outcomes(self, node: etree._Element) -> tuple[Outcome, ...]:
        return tuple(
            Outcome(
                n.get("id") or "",
                n.get("name") or n.get("id") or "",
                n.get("kind") or "neutral",
                n.get("comment") or "optional",
            )
            for n in self._extension(node, "outcomes", "outcome")
        )
