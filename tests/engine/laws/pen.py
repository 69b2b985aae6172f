"""What both ways to draw a process at random have in common."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

from tests.engine.laws.drawing import NAMES, Drawing, Flow, Node, Repeats

MANY = [
    Repeats(kind, items, output, enough)
    for kind in ("together", "in turn")
    for items in (("x", "y"), ("x", "y", "z"), ("x", "y"), ())
    for output in ("who", *NAMES)
    for enough in (None, 1, 2)
]
LOOPS = [Repeats("while", rounds=rounds, before=before) for rounds in (2, 1, 0) for before in (False, True)]
CONDITIONS = [
    "True",
    *(f"{name} {how} {limit}" for name in NAMES for how in ("<", ">=") for limit in (1, 2, 3)),
]

repeated = st.none() | st.sampled_from(MANY) | st.sampled_from(LOOPS)
"""How an activity repeats, if it does."""

conditions = st.sampled_from(CONDITIONS)
"""What a flow may ask."""


class Pen:
    """Draws into one scope. ``called`` are the processes that call activities call; ``numbers`` make ids."""

    def __init__(self, called: dict[str, Drawing], numbers: Iterator[int]) -> None:
        self.called, self.numbers = called, numbers
        self.nodes: list[Node] = []
        self.flows: list[Flow] = []

    def drawing(self, own: tuple[str, ...] = ()) -> Drawing:
        return Drawing(tuple(self.nodes), tuple(self.flows), own)

    def flow(self, source: str, target: str, condition: str | None = None) -> None:
        self.flows.append(Flow(source, target, condition))

    def node(self, kind: str, **more: Any) -> str:
        name = f"{kind.replace(' ', '_').replace('-', '_')}_{next(self.numbers)}"
        self.nodes.append(Node(name, kind, **more))
        return name
