"""What the diagram tests see of a BPMN file: its elements, where they are drawn, and plain geometry."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path

from lxml import etree

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
BPMNDI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
DC = "{http://www.omg.org/spec/DD/20100524/DC}"
DI = "{http://www.omg.org/spec/DD/20100524/DI}"
PLANFLOW = "{urn:planflow:bpmn}"

TASKS = {"userTask", "serviceTask", "businessRuleTask", "scriptTask", "callActivity", "subProcess", "task"}
EVENTS = {"startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"}
CHOICES = {"exclusiveGateway", "inclusiveGateway"}
GATEWAYS = CHOICES | {"parallelGateway", "eventBasedGateway"}
NODES = TASKS | EVENTS | GATEWAYS

Point = tuple[float, float]


@dataclass(frozen=True)
class Box:
    """A rectangle in diagram pixels."""

    x: float
    y: float
    width: float
    height: float

    @property
    def centre(self) -> Point:
        return self.x + self.width / 2, self.y + self.height / 2

    def overlaps(self, other: Box) -> bool:
        """True when the two share an area; touching edges do not count."""
        return (
            self.x < other.x + other.width
            and other.x < self.x + self.width
            and self.y < other.y + other.height
            and other.y < self.y + self.height
        )

    def holds(self, other: Box) -> bool:
        return (
            self.x <= other.x
            and self.y <= other.y
            and other.x + other.width <= self.x + self.width
            and other.y + other.height <= self.y + self.height
        )

    def touches(self, point: Point) -> bool:
        """True when the point lies in the box or within a pixel of its edge."""
        x, y = point
        return self.x - 1 <= x <= self.x + self.width + 1 and self.y - 1 <= y <= self.y + self.height + 1

    def shrunk(self, by: float) -> Box:
        return Box(self.x + by, self.y + by, self.width - 2 * by, self.height - 2 * by)


@dataclass(frozen=True)
class Segment:
    """One straight leg of a sequence flow."""

    flow: str
    start: Point
    end: Point

    @property
    def horizontal(self) -> bool:
        return self.start[1] == self.end[1]

    @property
    def vertical(self) -> bool:
        return self.start[0] == self.end[0]

    @property
    def box(self) -> Box:
        left, right = sorted((self.start[0], self.end[0]))
        top, bottom = sorted((self.start[1], self.end[1]))
        return Box(left, top, right - left, bottom - top)

    def runs_through(self, box: Box) -> bool:
        """True when the leg, which is horizontal or vertical, enters the inside of the box."""
        return self.box.overlaps(box)

    def crosses(self, other: Segment) -> bool:
        """True when one is horizontal, the other vertical, and they meet inside both."""
        if self.horizontal == other.horizontal:
            return False
        flat, steep = (self, other) if self.horizontal else (other, self)
        return (
            flat.box.x < steep.start[0] < flat.box.x + flat.box.width
            and steep.box.y < flat.start[1] < steep.box.y + steep.box.height
        )

    def lies_on(self, other: Segment) -> bool:
        """True when the two run along one line and share more than a point."""
        if self.horizontal and other.horizontal and self.start[1] == other.start[1]:
            return _share(self.box.x, self.box.width, other.box.x, other.box.width)
        if self.vertical and other.vertical and self.start[0] == other.start[0]:
            return _share(self.box.y, self.box.height, other.box.y, other.box.height)
        return False


def _share(a: float, a_length: float, b: float, b_length: float) -> bool:
    return a < b + b_length and b < a + a_length


class Drawing:
    """One `process.bpmn`: elements by id, and the shapes, edges and labels that its diagram gives them."""

    def __init__(self, path: Path) -> None:
        self.folder = path.parent
        self.key = path.parent.name
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
        self.root = etree.parse(str(path), parser).getroot()

    def elements(self, *kinds: str) -> Iterator[etree._Element]:
        wanted = {BPMN + kind for kind in kinds}
        return (element for element in self.root.iter() if element.tag in wanted)

    def kind(self, element: etree._Element) -> str:
        return str(etree.QName(element).localname)

    @cached_property
    def process(self) -> etree._Element:
        return next(self.elements("process"))

    @cached_property
    def nodes(self) -> dict[str, etree._Element]:
        return {node.get("id"): node for node in self.elements(*NODES)}

    @cached_property
    def flows(self) -> dict[str, etree._Element]:
        return {flow.get("id"): flow for flow in self.elements("sequenceFlow")}

    @cached_property
    def shapes(self) -> dict[str, Box]:
        return {
            shape.get("bpmnElement"): _box(shape.find(DC + "Bounds"))
            for shape in self.root.iter(BPMNDI + "BPMNShape")
        }

    @cached_property
    def edges(self) -> dict[str, list[Point]]:
        return {
            edge.get("bpmnElement"): [_point(waypoint) for waypoint in edge.iter(DI + "waypoint")]
            for edge in self.root.iter(BPMNDI + "BPMNEdge")
        }

    @cached_property
    def labels(self) -> dict[str, Box]:
        found: dict[str, Box] = {}
        for drawn in self.root.iter(BPMNDI + "BPMNShape", BPMNDI + "BPMNEdge"):
            bounds = drawn.find(f"{BPMNDI}BPMNLabel/{DC}Bounds")
            if bounds is not None:
                found[drawn.get("bpmnElement")] = _box(bounds)
        return found

    @cached_property
    def segments(self) -> list[Segment]:
        return [
            Segment(flow, start, end)
            for flow, points in self.edges.items()
            for start, end in pairwise(points)
        ]

    @cached_property
    def node_boxes(self) -> dict[str, Box]:
        return {node: self.shapes[node] for node in self.nodes if node in self.shapes}

    def outgoing(self, node: str) -> list[etree._Element]:
        return [flow for flow in self.flows.values() if flow.get("sourceRef") == node]

    def host(self, node: str) -> str | None:
        """The activity that a boundary event sits on."""
        return self.nodes[node].get("attachedToRef")

    def inside(self, node: str, other: str) -> bool:
        """True when `node` belongs to the sub-process `other`."""
        return self.nodes[other] in self.nodes[node].iterancestors()


def _point(waypoint: etree._Element) -> Point:
    return float(waypoint.get("x")), float(waypoint.get("y"))


def _box(bounds: etree._Element) -> Box:
    return Box(*(float(bounds.get(side)) for side in ("x", "y", "width", "height")))
