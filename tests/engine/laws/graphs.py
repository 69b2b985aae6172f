"""Unstructured processes: nodes of all kinds with flows between them forwards and back, that need not fit together.

Branches cross, tokens multiply, joins wait for what never comes, several end events end this or that. Two things are
kept: what goes back passes something that waits, so that every step comes to rest, and what the engine would refuse to
read is not drawn.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import count

from hypothesis import strategies as st

from tests.engine.laws.drawing import GATEWAYS, NAMES, Flow, Model, Node
from tests.engine.laws.pen import Pen, conditions, repeated

KINDS = (
    *("user",) * 5,
    *("message",) * 2,
    *("timer", "script", "task", "exclusive", "event based", "complex"),
    *("parallel", "inclusive") * 3,
    *("crowd", "crowd"),
    *("sub-process", "call", "ad hoc"),
    *("end", "terminate", "error end") * 2,
)
"""As often as they are drawn: processes that wait have more to tell than those that run through."""
HOLDING = ("sub-process", "call", "ad hoc")
ENDS = ("end", "terminate", "error end")
CODES = ("BAD", "WORSE")
DEEPEST = 2


@dataclass(frozen=True)
class Stop:
    """A part of a graph: the node that flows lead to, those that they lead out of, and whether it keeps tokens."""

    entry: str
    exits: tuple[str, ...]
    waits: bool


@st.composite
def graphs(draw: st.DrawFn, served: bool = False) -> Model:
    """Graphs of up to nine stops in the outermost scope.

    To be ``served`` they have no data objects, which begin empty, and gateways and events lead somewhere.
    """
    artist = Artist(draw, served)
    pen = Pen({}, count())
    artist.draw_scope(pen, pen.node("start"), draw(st.integers(2, 9)), depth=0)
    return Model({"p": pen.drawing(), **pen.called})


class Artist:
    """Draws one model."""

    def __init__(self, draw: st.DrawFn, served: bool) -> None:
        self._draw, self._served = draw, served

    def _chance(self, of: int) -> bool:
        """Happens once in so many times, and not in the simplest example."""
        return self._draw(st.integers(0, of - 1)) == of - 1

    def draw_scope(self, pen: Pen, start: str | None, size: int, depth: int) -> None:
        """Stops, and flows between them. Without a start event it begins with what nothing leads to."""
        kinds = KINDS if depth < DEEPEST else tuple(kind for kind in KINDS if kind not in HOLDING)
        stops = [] if start is None else [Stop(start, (start,), False)]
        going_on = tuple(kind for kind in kinds if kind not in ENDS)
        kinds = going_on if start is None else kinds
        for place in range(size):  # ends come late: what is ended at once has no history
            kind = self._draw(st.sampled_from(kinds if place > size // 2 else going_on))
            stops.append(self._stop(pen, kind, depth))
        self._connect(pen, stops)
        pen.nodes[:] = [self._finished(pen, node) for node in pen.nodes]
        if self._chance(5):
            pen.nodes.append(self._event_sub_process(pen, depth))

    # Stops

    def _stop(self, pen: Pen, kind: str, depth: int) -> Stop:
        if kind in ("timer", "message"):
            event = pen.node("catch", trigger=kind)
            return Stop(event, (event,), True)
        if kind == "event based":
            return self._choice_of_events(pen)
        if kind == "crowd":
            return self._crowd(pen)
        if kind in ENDS:
            code = self._draw(st.sampled_from(CODES)) if kind == "error end" else None
            return Stop(pen.node(kind, code=code), (), False)
        if kind in GATEWAYS:
            gateway = pen.node(kind)
            return Stop(gateway, (gateway,), False)
        return self._activity(pen, kind, depth)

    def _choice_of_events(self, pen: Pen) -> Stop:
        gateway = pen.node("event based")
        triggers = self._draw(
            st.sampled_from([("timer",), ("timer", "message"), ("message", "message", "timer")])
        )
        events = tuple(pen.node("catch", trigger=trigger) for trigger in triggers)
        for event in events:
            pen.flow(gateway, event)
        return Stop(gateway, events, True)

    def _crowd(self, pen: Pen) -> Stop:
        """A join to which more tokens come by one flow than by the other."""
        join = pen.node(self._draw(st.sampled_from(("parallel", "inclusive", "complex"))))
        split, merge = pen.node("parallel"), pen.node("exclusive")
        for goal in self._draw(st.sampled_from(((merge, merge, join), (merge, merge, merge, join)))):
            user = pen.node("user")
            pen.flow(split, user)
            pen.flow(user, goal)
        pen.flow(merge, join)
        return Stop(split, (join, merge), True)

    def _activity(self, pen: Pen, kind: str, depth: int) -> Stop:
        repeats = self._draw(repeated) if self._chance(3) else None
        host = (
            self._holding(pen, kind, depth, repeats) if kind in HOLDING else pen.node(kind, repeats=repeats)
        )
        exits = [host]
        if self._chance(3) and kind in ("user", *HOLDING):
            trigger = self._draw(st.sampled_from(("timer", "message", "error")))
            interrupting = trigger == "error" or not self._chance(2)
            code = "BAD" if trigger == "error" and self._chance(2) else None
            exits.append(
                pen.node("boundary", trigger=trigger, host=host, interrupting=interrupting, code=code)
            )
        return Stop(host, tuple(exits), kind == "user" and repeats is None)

    def _holding(self, pen: Pen, kind: str, depth: int, repeats: object) -> str:
        inner = Pen(pen.called, pen.numbers)
        begins = kind != "ad hoc" and (kind == "call" or not self._chance(4))
        self.draw_scope(
            inner, inner.node("start") if begins else None, self._draw(st.integers(1, 4)), depth + 1
        )
        own = NAMES[:1] if self._chance(4) and not self._served else ()
        if kind == "call":
            key = f"called_{next(pen.numbers)}"
            pen.called[key] = inner.drawing()
            return pen.node(kind, calls=key, repeats=repeats)
        return pen.node(kind, inside=inner.drawing(own), repeats=repeats)

    def _event_sub_process(self, pen: Pen, depth: int) -> Node:
        trigger = self._draw(st.sampled_from(("message", "timer", "error")))
        interrupting = trigger == "error" or not self._chance(2)
        code = "WORSE" if trigger == "error" and self._chance(2) else None
        inner = Pen(pen.called, pen.numbers)
        start = inner.node("start", trigger=trigger, interrupting=interrupting, code=code)
        self.draw_scope(inner, start, self._draw(st.integers(1, 3)), max(depth + 1, DEEPEST))
        name = f"event_{next(pen.numbers)}"
        return Node(name, "event sub-process", interrupting=interrupting, inside=inner.drawing())

    # Flows

    def _connect(self, pen: Pen, stops: list[Stop]) -> None:
        """Each stop is led to from one before it; what more there is leads anywhere, back too where something waits."""
        number = {node: place for place, stop in enumerate(stops) for node in (stop.entry, *stop.exits)}
        for place, stop in enumerate(stops[1:], start=1):
            before = [node for other in stops[:place] for node in other.exits]
            if before:
                self._flow(pen, self._draw(st.sampled_from(before)), stop.entry)
        exits, entries = [node for stop in stops for node in stop.exits], stops[1:]
        for _ in range(self._draw(st.integers(len(stops) // 2, 2 * len(stops))) if entries else 0):
            source, target = self._draw(st.sampled_from(exits)), self._draw(st.sampled_from(entries))
            forwards = number[source] < number[target.entry]
            if forwards or target.waits or stops[number[source]].waits:
                self._flow(pen, source, target.entry)
        if self._served:
            self._lead_on(pen, exits)

    def _lead_on(self, pen: Pen, exits: list[str]) -> None:
        """Deployment refuses gateways and events that nothing leads out of."""
        drawing = pen.drawing()
        lost = [node for node in map(drawing.node, exits) if not drawing.out_of(node)]
        for node in lost:
            if node.kind in (*GATEWAYS, "catch", "boundary"):
                pen.flow(node.id, pen.node("task"))

    def _flow(self, pen: Pen, source: str, target: str) -> None:
        if not any(flow.source == source and flow.target == target for flow in pen.flows):
            pen.flow(source, target)

    # What a node can only have once its flows are known

    def _finished(self, pen: Pen, node: Node) -> Node:
        drawing = pen.drawing()
        into, ways = drawing.into(node), drawing.out_of(node)
        if node.kind == "complex" and len(into) > 1:
            node = replace(node, enough=self._draw(st.integers(1, len(into))))
        if len(ways) < 2 or node.kind in ("parallel", "event based", "start", "catch", "boundary"):
            return node
        if node.kind in GATEWAYS or self._chance(2):
            return self._with_conditions(pen, node, ways)
        return node

    def _with_conditions(self, pen: Pen, node: Node, ways: list[Flow]) -> Node:
        """The flows out of a node ask something, all but the default. What holds others always has one."""
        default = self._draw(st.sampled_from(ways)) if node.kind in HOLDING or not self._chance(4) else None
        asked = conditions
        if node.kind == "complex":
            asked = st.sampled_from(["waitingForStart", "not waitingForStart"]) | conditions
        for way in ways:
            free = node.kind not in ("exclusive", "inclusive") and self._chance(2)
            if way is not default and not free:
                pen.flows[pen.flows.index(way)] = replace(way, condition=self._draw(asked))
        return node if default is None else replace(node, default=default.target)
