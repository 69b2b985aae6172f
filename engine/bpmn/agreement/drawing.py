"""Flows, gateways, links, lanes and associations: what is drawn once and noted elsewhere again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from lxml import etree

from engine.bpmn.reading import nodes
from engine.bpmn.shape import Finding
from engine.bpmn.support import BPMN, GATEWAYS, SUB_PROCESSES, local_id

RULE = "bpmn.contradiction"
_WITH_LANES = SUB_PROCESSES | {"process"}


def drawing_findings(root: etree._Element) -> Iterator[Finding]:
    """Where the notes of an element are not what is drawn."""
    flows = {str(flow.get("id")): flow for flow in root.iter(f"{{{BPMN}}}sequenceFlow")}
    yield from _gateways(root, flows)
    yield from _incoming_and_outgoing(root, flows)
    yield from _links(root)
    yield from _lanes(root)
    yield from _compensations(root)
    for process in nodes.children(root, "process"):
        if nodes.word(process, "processType") == "Public" and nodes.flag(process, "isExecutable"):
            yield process, "A public process is not executable (BPMN 2.0.2 §10.2).", RULE, "error"


def _gateways(root: etree._Element, flows: Mapping[str, etree._Element]) -> Iterator[Finding]:
    """``gatewayDirection`` says how many flows there may be (BPMN 2.0.2 §10.6.1, Table 10.99)."""
    arriving = Counter(local_id(flow.get("targetRef")) for flow in flows.values())
    leaving = Counter(local_id(flow.get("sourceRef")) for flow in flows.values())
    for gateway in root.iter(*(f"{{{BPMN}}}{kind}" for kind in sorted(GATEWAYS))):
        direction, own = nodes.word(gateway, "gatewayDirection"), str(gateway.get("id"))
        splits, merges = leaving[own] > 1, arriving[own] > 1
        wrong = {"Converging": splits, "Diverging": merges, "Mixed": not (splits and merges)}
        if wrong.get(direction or ""):
            reason = f"The flows of the gateway are not what gatewayDirection={direction} says."
            yield gateway, reason, RULE, "error"


def _incoming_and_outgoing(root: etree._Element, flows: Mapping[str, etree._Element]) -> Iterator[Finding]:
    for name, end in (("incoming", "targetRef"), ("outgoing", "sourceRef")):
        for noted in root.iter(f"{{{BPMN}}}{name}"):
            flow, element = flows.get(local_id(noted.text)), noted.getparent()
            own = None if element is None else element.get("id")
            if flow is None or local_id(flow.get(end)) != own:
                reason = f"“{name}” names “{(noted.text or '').strip()}”, which is no such flow."
                yield noted, reason, RULE, "error"


def _links(root: etree._Element) -> Iterator[Finding]:
    """The ``source`` and ``target`` of a link are links of its name, which is what pairs them (§10.5.5)."""
    links = list(root.iter(f"{{{BPMN}}}linkEventDefinition"))
    named: dict[str, str | None] = {}
    for link in links:
        event = link.getparent()
        holders = [link] if event is None else [link, event]
        named |= {str(each.get("id")): link.get("name") for each in holders if each.get("id")}
    for link in links:
        for other in nodes.children(link, "source", "target"):
            key = local_id(other.text)
            if key not in named or named[key] != link.get("name"):
                reason = f"“{(other.text or '').strip()}” is no link of the name “{link.get('name')}”."
                yield other, reason, RULE, "error"


def _lanes(root: etree._Element) -> Iterator[Finding]:
    """An element lies in one lane of its own process, and perhaps in those around it (§10.8)."""
    for noted in root.iter(f"{{{BPMN}}}flowNodeRef"):
        holder = next((each for each in noted.iterancestors() if nodes.local(each) in _WITH_LANES), root)
        if all(each.get("id") != local_id(noted.text) for each in holder.iterdescendants()):
            yield noted, f"“{(noted.text or '').strip()}” does not lie where this lane does.", RULE, "error"
    yield from _two_lanes(root)


def _two_lanes(root: etree._Element) -> Iterator[Finding]:
    seen: dict[str, etree._Element] = {}
    for noted in root.iter(f"{{{BPMN}}}flowNodeRef"):
        element, lane = local_id(noted.text), noted.getparent()
        other = seen.setdefault(element, lane) if lane is not None else None
        if lane is None or other is None or other is lane:
            continue
        if lane not in other.iterdescendants() and other not in lane.iterdescendants():
            yield noted, f"“{element}” lies in two lanes.", RULE, "error"
        elif other in lane.iterancestors():
            seen[element] = lane


def _compensations(root: etree._Element) -> Iterator[Finding]:
    """One association leads from a compensation event to one activity (BPMN 2.0.2 §10.7.1)."""
    events = {
        str(event.get("id"))
        for event in root.iter(f"{{{BPMN}}}boundaryEvent")
        if nodes.child(event, "compensateEventDefinition") is not None
    }
    seen = set()
    for association in root.iter(f"{{{BPMN}}}association"):
        source = local_id(association.get("sourceRef"))
        if source in events and source in seen:
            yield association, f"“{source}” is compensated by two activities.", "bpmn.compensation", "error"
        seen.add(source)
