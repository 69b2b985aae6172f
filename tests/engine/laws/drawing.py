"""What the laws draw: a process as plain data, before it is BPMN."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

ACTIVITIES = ("task", "user", "script", "sub-process", "ad hoc", "call")
GATEWAYS = ("exclusive", "parallel", "inclusive", "complex", "event based")
NAMES = ("a", "b", "c")
"""Variables that people and messages write, and that conditions ask."""


@dataclass(frozen=True)
class Flow:
    """A sequence flow. Between two nodes there is at most one."""

    source: str
    target: str
    condition: str | None = None

    @property
    def id(self) -> str:
        return f"{self.source}_{self.target}"


@dataclass(frozen=True)
class Repeats:
    """How an activity repeats.

    ``together`` and ``in turn`` are multi-instance over ``items``, where each leaves the value of ``output`` and
    ``enough`` of them are enough; ``while`` is a standard loop of ``rounds``, asked ``before`` each.
    """

    kind: str
    items: tuple[str, ...] = ("x", "y")
    output: str = "who"
    enough: int | None = None
    rounds: int = 2
    before: bool = False


@dataclass(frozen=True)
class Node:
    """A flow node.

    Kinds: those of ACTIVITIES and GATEWAYS; ``end``, ``terminate``, ``error end``; ``event sub-process``; ``catch``,
    ``boundary``, and the ``start`` of an event sub-process, which wait for their ``trigger``: timer, message or error.
    ``code`` is that of an error, none for any. ``default`` is the target of the default flow, ``host`` the activity
    that a boundary event stands at, ``enough`` how many tokens a complex gateway goes on with.
    """

    id: str
    kind: str
    trigger: str = ""
    code: str | None = None
    default: str | None = None
    host: str | None = None
    interrupting: bool = True
    inside: Drawing | None = None
    calls: str | None = None
    repeats: Repeats | None = None
    enough: int | None = None

    @property
    def counter(self) -> str:
        """The variable that a script counts up."""
        return f"n_{self.id}"


@dataclass(frozen=True)
class Drawing:
    """The nodes and flows of a scope, in the order of the file. ``own`` are its data objects, empty at first."""

    nodes: tuple[Node, ...]
    flows: tuple[Flow, ...]
    own: tuple[str, ...] = ()

    def node(self, node_id: str) -> Node:
        return next(node for node in self.nodes if node.id == node_id)

    def into(self, node: Node) -> list[Flow]:
        return [flow for flow in self.flows if flow.target == node.id]

    def out_of(self, node: Node) -> list[Flow]:
        return [flow for flow in self.flows if flow.source == node.id]

    def boundaries(self, node: Node) -> list[Node]:
        return [other for other in self.nodes if other.host == node.id]

    @property
    def starts(self) -> list[Node]:
        """Its start events, or else all nodes that nothing leads to."""
        events = [node for node in self.nodes if node.kind == "start"]
        return events or [node for node in self.nodes if self._begins_by_itself(node)]

    def _begins_by_itself(self, node: Node) -> bool:
        return node.host is None and node.kind != "event sub-process" and not self.into(node)

    def everything(self) -> Iterator[Node]:
        """Its nodes and those inside them."""
        for node in self.nodes:
            yield node
            if node.inside is not None:
                yield from node.inside.everything()

    @property
    def counters(self) -> list[str]:
        return [node.counter for node in self.everything() if node.kind == "script"]


@dataclass(frozen=True)
class Model:
    """The process ``p`` and those that it calls."""

    processes: Mapping[str, Drawing]

    @property
    def names(self) -> list[str]:
        """Every variable that something in it writes or asks."""
        return self.used_in("p")

    def used_in(self, process: str) -> list[str]:
        """The variables of a process, and of those that it calls. A call activity hands them over and back."""
        drawing = self.processes[process]
        called = [node.calls for node in drawing.everything() if node.calls is not None]
        inner = [name for key in called for name in self.used_in(key)]
        return list(dict.fromkeys([*NAMES, *drawing.counters, *inner]))

    def everything(self) -> Iterator[Node]:
        for drawing in self.processes.values():
            yield from drawing.everything()
