"""The process that all variants run: a user task in a loop, and what is entered in each of its rounds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

FILE = Path(__file__).parent / "loop.bpmn"
PROCESS = "loop"
START: dict[str, Any] = {"title": "Rounds of work", "finished": False}


def entered(number: int) -> dict[str, Any]:
    """What a small form brings in a round."""
    return {
        "round": number,
        "note": f"What was found in round {number}, in a sentence or two.",
        "amount": 1200.5 + number,
        "due": "2027-03-31",
        "rating": "sufficient",
        "finished": False,
    }


class Stalled(Exception):
    """The engine finds nothing to complete although the process has not ended."""

    def __init__(self, steps: int) -> None:
        super().__init__(f"stalls at step {steps}")
        self.steps = steps


class Run(Protocol):
    """One instance of the loop, somewhere on its way."""

    def step(self) -> None:
        """Complete the task once more. Raises Stalled when the engine cannot."""


class Variant(Protocol):
    """One way to complete the task durably."""

    @property
    def name(self) -> str:
        """What the figures are listed under."""

    def run_at(self, steps: int, advance: Callable[[], None]) -> Run:
        """An instance with this many steps behind it; ``advance`` is called for each one that it takes."""
