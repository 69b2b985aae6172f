"""Every shipped diagram can be read: the rules of docs/how-to/change-a-process.md, on the drawing itself."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import pytest

from tests.processes.drawing import CHOICES, GATEWAYS, TASKS, Drawing, Segment

PROCESSES = Path(__file__).parents[2] / "processes"
FILES = sorted(PROCESSES.glob("*/process.bpmn"))


@pytest.fixture(scope="module", params=FILES, ids=lambda path: path.parent.name)
def drawing(request: pytest.FixtureRequest) -> Drawing:
    return Drawing(request.param)


def test_every_element_is_drawn(drawing: Drawing) -> None:
    shaped = [e.get("id") for e in drawing.elements("participant", "lane")] + list(drawing.nodes)
    assert [element for element in shaped if element not in drawing.shapes] == []
    assert [flow for flow in drawing.flows if len(drawing.edges.get(flow, [])) < 2] == []


def test_nothing_is_drawn_that_the_model_lacks(drawing: Drawing) -> None:
    known = {element.get("id") for element in drawing.root.iter() if element.get("id")}
    assert [drawn for drawn in (*drawing.shapes, *drawing.edges) if drawn not in known] == []


def test_no_two_shapes_overlap(drawing: Drawing) -> None:
    overlapping = [
        (a, b)
        for a, b in combinations(drawing.node_boxes, 2)
        if drawing.node_boxes[a].overlaps(drawing.node_boxes[b]) and not _may_overlap(drawing, a, b)
    ]
    assert overlapping == []


def _may_overlap(drawing: Drawing, a: str, b: str) -> bool:
    hosts = drawing.host(a) == b or drawing.host(b) == a
    return hosts or drawing.inside(a, b) or drawing.inside(b, a)


def test_no_flow_runs_through_a_shape(drawing: Drawing) -> None:
    hits = [
        (segment.flow, node)
        for segment in drawing.segments
        for node, box in drawing.node_boxes.items()
        if segment.runs_through(box.shrunk(1)) and not _flows_inside(drawing, segment.flow, node)
    ]
    assert hits == []


def _flows_inside(drawing: Drawing, flow: str, node: str) -> bool:
    """A flow inside an expanded sub-process runs, of course, through its shape."""
    return drawing.nodes[node] in drawing.flows[flow].iterancestors()


def test_flows_are_tied_to_the_shapes_that_they_join(drawing: Drawing) -> None:
    loose = []
    for flow, element in drawing.flows.items():
        start, *_, end = drawing.edges[flow]
        if not drawing.shapes[element.get("sourceRef")].touches(start):
            loose.append((flow, "source"))
        if not drawing.shapes[element.get("targetRef")].touches(end):
            loose.append((flow, "target"))
    assert loose == []


def test_flows_run_straight_and_turn_on_the_grid(drawing: Drawing) -> None:
    slanted = [s.flow for s in drawing.segments if not (s.horizontal or s.vertical)]
    off_grid = [
        (flow, corner)
        for flow, points in drawing.edges.items()
        for corner in points[1:-1]
        if corner[0] % 10 or corner[1] % 10
    ]
    assert (slanted, off_grid) == ([], [])


def test_flows_do_not_lie_on_one_another(drawing: Drawing) -> None:
    """Flows into one target, or out of one source, may share a line; others would be read as one."""
    confused = [
        (a.flow, b.flow)
        for a, b in combinations(drawing.segments, 2)
        if a.flow != b.flow and a.lies_on(b) and not _share_an_end(drawing, a, b)
    ]
    assert confused == []


def test_flows_seldom_cross(drawing: Drawing) -> None:
    crossings = [
        (a.flow, b.flow)
        for a, b in combinations(drawing.segments, 2)
        if a.flow != b.flow and a.crosses(b) and not _share_an_end(drawing, a, b)
    ]
    assert len(crossings) <= 2, crossings


def _share_an_end(drawing: Drawing, a: Segment, b: Segment) -> bool:
    one, other = drawing.flows[a.flow], drawing.flows[b.flow]
    return any(one.get(end) == other.get(end) for end in ("sourceRef", "targetRef"))


def test_everything_named_outside_its_shape_says_where_its_label_is(drawing: Drawing) -> None:
    named = [node for node, e in drawing.nodes.items() if drawing.kind(e) not in TASKS and e.get("name")]
    named += [flow for flow, e in drawing.flows.items() if e.get("name")]
    assert [element for element in named if element not in drawing.labels] == []


def test_no_label_lies_on_a_flow(drawing: Drawing) -> None:
    hits = [
        (label, segment.flow)
        for label, box in drawing.labels.items()
        for segment in drawing.segments
        if segment.runs_through(box)
    ]
    assert hits == []


def test_no_label_lies_on_a_shape_or_on_another_label(drawing: Drawing) -> None:
    on_shapes = [
        (label, node)
        for label, box in drawing.labels.items()
        for node, shape in drawing.node_boxes.items()
        if box.overlaps(shape) and drawing.kind(drawing.nodes[node]) != "subProcess"
    ]
    labels = drawing.labels
    on_labels = [(a, b) for a, b in combinations(labels, 2) if labels[a].overlaps(labels[b])]
    assert (on_shapes, on_labels) == ([], [])


def test_every_label_stays_inside_one_lane(drawing: Drawing) -> None:
    lanes = [drawing.shapes[lane.get("id")] for lane in drawing.elements("lane")]
    astray = [label for label, box in drawing.labels.items() if not any(lane.holds(box) for lane in lanes)]
    assert astray == []


def test_lanes_contain_what_refers_to_them(drawing: Drawing) -> None:
    outside = []
    for lane in drawing.elements("lane"):
        box = drawing.shapes[lane.get("id")]
        for reference in _references(drawing, lane.get("id")):
            if not box.holds(drawing.shapes[reference]):
                outside.append((lane.get("id"), reference))
    assert outside == []


def test_every_node_belongs_to_one_lane(drawing: Drawing) -> None:
    placed = [ref for lane in drawing.elements("lane") for ref in _references(drawing, lane.get("id"))]
    top_level = [node for node, element in drawing.nodes.items() if element.getparent() is drawing.process]
    assert sorted(placed) == sorted(top_level)


def _references(drawing: Drawing, lane: str) -> Iterator[str]:
    for element in drawing.elements("flowNodeRef"):
        if element.getparent().get("id") == lane:
            yield element.text.strip()


def test_lanes_lie_under_one_another_and_fill_the_pool(drawing: Drawing) -> None:
    lanes = [drawing.shapes[lane.get("id")] for lane in drawing.elements("lane")]
    pool = drawing.shapes[next(drawing.elements("participant")).get("id")]
    tops = [pool.y + sum(above.height for above in lanes[:i]) for i in range(len(lanes))]
    assert [lane.y for lane in lanes] == tops
    assert sum(lane.height for lane in lanes) == pool.height


def test_shapes_stand_on_the_grid_of_ten(drawing: Drawing) -> None:
    """Tasks by their corners; events and gateways, whose sizes are 36 and 50, by their centres."""
    off = []
    for node, box in drawing.node_boxes.items():
        point = (box.x, box.y) if drawing.kind(drawing.nodes[node]) in TASKS else box.centre
        if point[0] % 10 or point[1] % 10:
            off.append((node, point))
    assert off == []


def test_every_lane_task_and_event_has_a_name(drawing: Drawing) -> None:
    elements = [*drawing.elements("participant", "process", "lane"), *drawing.nodes.values()]
    unnamed = [e.get("id") for e in elements if not (e.get("name") or "").strip()]
    assert [element for element in unnamed if not _needs_no_name(drawing, element)] == []


def _needs_no_name(drawing: Drawing, element: str) -> bool:
    """A parallel gateway and a join ask nothing; their shape says all."""
    node = drawing.nodes.get(element)
    if node is None or drawing.kind(node) not in GATEWAYS:
        return False
    return drawing.kind(node) == "parallelGateway" or len(drawing.outgoing(element)) == 1


def test_gateways_that_choose_are_questions_and_their_flows_answers(drawing: Drawing) -> None:
    wrong = []
    for node, element in drawing.nodes.items():
        flows = drawing.outgoing(node)
        if drawing.kind(element) in CHOICES and len(flows) > 1:
            wrong += [] if (element.get("name") or "").endswith("?") else [node]
            wrong += [flow.get("id") for flow in flows if not flow.get("name")]
    assert wrong == []


def test_a_choice_always_has_an_answer(drawing: Drawing) -> None:
    """Every flow out of a choosing gateway has a condition, but one, which is the default."""
    open_ended = []
    for node, element in drawing.nodes.items():
        flows = drawing.outgoing(node)
        if drawing.kind(element) in CHOICES and len(flows) > 1:
            bare = [f.get("id") for f in flows if f.find("{*}conditionExpression") is None]
            if bare != [element.get("default")]:
                open_ended.append((node, bare))
    assert open_ended == []


def test_every_node_can_be_reached_and_left(drawing: Drawing) -> None:
    sources = {flow.get("sourceRef") for flow in drawing.flows.values()}
    targets = {flow.get("targetRef") for flow in drawing.flows.values()}
    stuck = [n for n, e in drawing.nodes.items() if n not in sources and drawing.kind(e) != "endEvent"]
    begun = ("startEvent", "boundaryEvent")
    unreached = [n for n, e in drawing.nodes.items() if n not in targets and drawing.kind(e) not in begun]
    assert (stuck, unreached) == ([], [])


def test_only_gateways_split_the_way(drawing: Drawing) -> None:
    several = [
        n
        for n, e in drawing.nodes.items()
        if len(drawing.outgoing(n)) > 1 and drawing.kind(e) not in GATEWAYS
    ]
    assert several == []


def test_the_process_id_is_the_name_of_its_folder(drawing: Drawing) -> None:
    assert drawing.process.get("id") == drawing.key
    assert drawing.process.get("isExecutable") == "true"
