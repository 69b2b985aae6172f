"""The processes that are measured: user tasks one after another, in a loop, in loops side by side, and many at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Protocol

MODELS = Path(__file__).parent / "models"
START: dict[str, Any] = {"title": "Rounds of work", "finished": False}
ROOM = 10
"""Tasks that a chain has beyond those that are measured, so that it does not end while SQL is counted."""


@dataclass(frozen=True)
class Shape:
    """A process of user tasks, one of which is completed in each step.

    ``process``, ``model`` and ``task`` give the key, the BPMN and the element of a step. The first two depend on how
    many steps are to be taken where each step is a task of its own.
    """

    name: str
    process: Callable[[int], str]
    model: Callable[[int], bytes]
    task: Callable[[int], str]


def entered(number: int) -> dict[str, Any]:
    """What a small form brings in a step."""
    return {
        "round": number,
        "note": f"What was found in round {number}, in a sentence or two.",
        "amount": 1200.5 + number,
        "due": "2027-03-31",
        "rating": "sufficient",
        "finished": False,
    }


def per_run(steps: int) -> int:
    """How many samples an instance serves for: a tenth of the steps behind it, so that they stay what they are."""
    return max(1, steps // 10)


def _drawn(name: str) -> Callable[[int], bytes]:
    return lambda _steps: (MODELS / f"{name}.bpmn").read_bytes()


@cache
def _chain(steps: int) -> bytes:
    """A process with a task for each step that will be taken."""
    last = steps + per_run(steps) + ROOM
    tasks = "".join(
        f'<userTask id="step_{n}" name="Step {n}" planflow:candidateGroups="operations_supervisor"/>'
        f'<sequenceFlow id="to_{n}" sourceRef="{f"step_{n - 1}" if n > 1 else "start"}" targetRef="step_{n}"/>'
        for n in range(1, last + 1)
    )
    return _definitions(
        f"sequence_{steps}",
        f'<startEvent id="start"/>{tasks}<sequenceFlow id="to_end" sourceRef="step_{last}" targetRef="end"/>'
        '<endEvent id="end"/>',
    )


def _many(width: int) -> bytes:
    return _definitions(
        f"many_{width}",
        '<startEvent id="start"/><sequenceFlow id="to_work" sourceRef="start" targetRef="work"/>'
        '<userTask id="work" name="Do a part" planflow:candidateGroups="operations_supervisor">'
        '<multiInstanceLoopCharacteristics planflow:outputElement="rating" planflow:outputCollection="ratings">'
        f"<loopCardinality>{width}</loopCardinality></multiInstanceLoopCharacteristics></userTask>"
        '<sequenceFlow id="to_end" sourceRef="work" targetRef="end"/><endEvent id="end"/>',
    )


def _definitions(process: str, content: str) -> bytes:
    return (
        '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:planflow="urn:planflow:bpmn"'
        f' id="{process}_definitions" targetNamespace="urn:planflow:benchmarks">'
        f'<process id="{process}" isExecutable="true">{content}</process></definitions>'
    ).encode()


LOOP = Shape("loop", lambda _steps: "loop", _drawn("loop"), lambda _step: "work")
SEQUENCE = Shape("sequence", lambda steps: f"sequence_{steps}", _chain, lambda step: f"step_{step}")
REWORK = Shape(
    "rework in parallel", lambda _steps: "rework", _drawn("rework"), lambda step: ("right", "left")[step % 2]
)
SHAPES = (SEQUENCE, LOOP, REWORK)


def at_once(width: int) -> Shape:
    """A parallel multi-instance task of so many instances."""
    return Shape(f"{width} at once", lambda _: f"many_{width}", lambda _: _many(width), lambda _: "work")


class Stalled(Exception):
    """The engine finds nothing to complete although the process has not ended."""

    def __init__(self, steps: int) -> None:
        super().__init__(f"stalls at step {steps}")
        self.steps = steps


class Run(Protocol):
    """One instance of a shape, somewhere on its way."""

    def step(self) -> None:
        """Complete a task once more. Raises Stalled when the engine cannot."""


class Variant(Protocol):
    """One way to complete a task durably."""

    @property
    def name(self) -> str:
        """What the figures are listed under."""

    def run_at(self, shape: Shape, steps: int, advance: Callable[[], None]) -> Run:
        """An instance with this many steps behind it; ``advance`` is called for each one that it takes."""
