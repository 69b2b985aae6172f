"""Block-structured processes: each block has one way in and one way out, and blocks lie in each other."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count, pairwise

from hypothesis import strategies as st

from tests.engine.laws.drawing import NAMES, Model, Node, Repeats
from tests.engine.laws.pen import Pen, conditions, repeated

LEAVES = ("user", "script", "timer", "message", "user", "task", "user")
BRANCHES = ("parallel", "exclusive", "inclusive", "complex")
AROUND = ("sub-process", "ad hoc", "call", "guarded", "watched", "failing", "event", "own", "loop")
GUARDED = {"guarded": "timer", "watched": "message", "failing": "error"}
"""What a boundary event at the block waits for."""


@dataclass(frozen=True)
class Block:
    """A block with others inside, what its flows ask, and how it repeats."""

    kind: str
    parts: tuple[Block, ...] = ()
    asked: tuple[str, ...] = ()
    repeats: Repeats | None = None


Way = tuple[str, str]
"""The node that a block begins with, and the one that it ends with."""


@st.composite
def blocks(draw: st.DrawFn, served: bool = False, one_token: bool = False) -> Model:
    """Processes of blocks.

    To be ``served`` they have no data objects: those begin empty, which is no number. With ``one_token`` no event runs
    beside its activity: each block then gives one token for the one that it takes, and the process always ends.
    """
    left_out = (served * ("own",)) + (one_token * ("watched",))
    around = tuple(kind for kind in AROUND if kind not in left_out)
    return drawn(_block(draw, around, draw(st.integers(4, 16))))


def _block(draw: st.DrawFn, around: tuple[str, ...], size: int) -> Block:
    """A block of about so many nodes."""
    if size <= 1:
        return Block(draw(st.sampled_from(LEAVES)))
    kind = draw(st.sampled_from((*("sequence", *BRANCHES) * 2, *around)))
    if kind in around:
        inside = (_block(draw, around, size - 1),)
        return Block(kind, inside, (draw(conditions),), draw(repeated))
    number = draw(st.sampled_from((2, 3, 1)))
    parts = tuple(_block(draw, around, (size - 1) // number) for _ in range(number))
    return Block(kind, parts, tuple(draw(conditions) for _ in parts[1:]) if kind in BRANCHES else ())


def drawn(block: Block) -> Model:
    """The process of a block."""
    pen = BlockPen({}, count())
    first, last = pen.draw(block)
    pen.nodes += [Node("s", "start"), Node("e", "end")]
    pen.flow("s", first)
    pen.flow(last, "e")
    return Model({"p": pen.drawing(), **pen.called})


class BlockPen(Pen):
    """Draws blocks into a scope."""

    def draw(self, block: Block) -> Way:
        if block.kind in LEAVES:
            return self._leaf(block.kind)
        if block.kind == "sequence":
            return self._sequence(block)
        if block.kind in BRANCHES:
            return self._branches(block)
        if block.kind == "loop":
            return self._loop(block)
        return self._holding(block)

    def _leaf(self, kind: str) -> Way:
        waits = kind in ("timer", "message")
        leaf = self.node("catch", trigger=kind) if waits else self.node(kind)
        return leaf, leaf

    def _sequence(self, block: Block) -> Way:
        ways = [self.draw(part) for part in block.parts]
        for (_, last), (first, _) in pairwise(ways):
            self.flow(last, first)
        return ways[0][0], ways[-1][1]

    def _branches(self, block: Block) -> Way:
        ways = [self.draw(part) for part in block.parts]
        chooses = block.kind in ("exclusive", "inclusive")
        split = self.node(block.kind if chooses else "parallel", default=ways[-1][0] if chooses else None)
        join = self.node(block.kind, enough=2 if block.kind == "complex" and len(ways) > 1 else None)
        for (first, last), asked in zip(ways, [*block.asked, None], strict=True):
            self.flow(split, first, asked if chooses else None)
            self.flow(last, join)
        return split, join

    def _loop(self, block: Block) -> Way:
        """Round again until a counter says that it is enough."""
        merge = self.node("exclusive")
        first, last = self.draw(block.parts[0])
        counting, out = self.node("script"), self.node("task")
        again = self.node("exclusive", default=out)
        for one, other in ((merge, first), (last, counting), (counting, again), (again, out)):
            self.flow(one, other)
        self.flow(again, merge, f"n_{counting} < {2 if '<' in block.asked[0] else 3}")
        return merge, out

    def _holding(self, block: Block) -> Way:
        inner = BlockPen(self.called, self.numbers)
        first, last = inner.draw(block.parts[0])
        begun = inner.node("task" if block.kind == "ad hoc" else "start")
        inner.flow(begun, first)
        if block.kind == "failing":
            inner.flow(last, inner.node("error end", code="BAD" if "<" in block.asked[0] else "WORSE"))
        if block.kind == "event":
            inner.nodes.append(inner.event_sub_process("message", interrupting="<" in block.asked[0]))
        held = self._held(block, inner)
        return self._guard(block.kind, held) if block.kind in GUARDED else (held, held)

    def _held(self, block: Block, inner: BlockPen) -> str:
        """The activity around what has been drawn inside."""
        if block.kind == "call":
            key = f"called_{next(self.numbers)}"
            self.called[key] = inner.drawing()
            return self.node("call", calls=key, repeats=block.repeats)
        kind = "ad hoc" if block.kind == "ad hoc" else "sub-process"
        inside = inner.drawing(own=NAMES[:1] if block.kind == "own" else ())
        return self.node(kind, inside=inside, repeats=block.repeats)

    def event_sub_process(self, trigger: str, interrupting: bool, code: str | None = None) -> Node:
        """One in which somebody has something to do."""
        inner = BlockPen(self.called, self.numbers)
        inner.flow(
            inner.node("start", trigger=trigger, interrupting=interrupting, code=code), inner.node("user")
        )
        name = f"event_{next(self.numbers)}"
        return Node(name, "event sub-process", interrupting=interrupting, inside=inner.drawing())

    def _guard(self, kind: str, host: str) -> Way:
        """A boundary event that leads round its activity, or beside it."""
        trigger = GUARDED[kind]
        event = self.node("boundary", trigger=trigger, host=host, interrupting=kind != "watched")
        after = self.node("inclusive" if kind == "watched" else "exclusive")
        self.flow(host, after)
        self.flow(event, after)
        return host, after
