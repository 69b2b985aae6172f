"""Tokens of the game, the scopes that they live in, and the variables of those."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from tests.engine.laws.drawing import Drawing, Node


class State(Enum):
    """Where a token is in its life. What is over stays on the table as GONE."""

    ARRIVING = "arriving"
    READY = "ready"
    WAITING = "waiting"
    OPEN = "open"
    GONE = "gone"


@dataclass(eq=False)
class Token:
    """A token at a node, or the scope that an activity opens for others: ``around`` is the scope it lives in itself.

    ``part`` says what it is of a repeated activity: the ``frame``, one of ``each``, or a ``round`` of a loop; of
    processes it is the ``process``. ``guards`` is the activity of a boundary event that waits, ``listens`` the event
    sub-process of a start event that waits; ``race`` the event-based gateway that it is one of the ways out of.
    ``resets`` are the flows that have brought a complex gateway its tokens: this is its memory of that.
    """

    number: int
    node: Node
    drawing: Drawing
    around: Token | None
    came_by: str | None = None
    state: State = State.ARRIVING
    part: str = ""
    variables: dict[str, Any] = field(default_factory=dict)
    index: int = 0
    guards: Token | None = None
    listens: Node | None = None
    race: Token | None = None
    resets: frozenset[str] = frozenset()
    fires: bool = False
    happened: bool = False
    spent: bool = False
    carried: dict[str, Any] = field(default_factory=dict)
    done: bool = False
    stuck: bool = False
    given: dict[int, Any] = field(default_factory=dict)
    started: int = 0

    @property
    def alive(self) -> bool:
        return self.state is not State.GONE

    @property
    def keeps_scope_alive(self) -> bool:
        """Whether its scope goes on while it lives: what only listens does not hold it up."""
        return self.alive and self.guards is None and self.listens is None

    @property
    def repeated(self) -> bool:
        """Whether it is one of the repetitions of an activity, for which their frame goes on."""
        return self.part in ("each", "round")

    def outwards(self) -> Iterator[Token]:
        """It and the scopes around it, up to its process: a called process sees nothing of who calls it."""
        scope: Token | None = self
        while scope is not None:
            yield scope
            scope = None if scope.part == "process" else scope.around

    @property
    def sees(self) -> dict[str, Any]:
        """All variables that it sees, the inner hiding the outer."""
        seen: dict[str, Any] = {}
        for scope in reversed(list(self.outwards())):
            seen |= scope.variables
        return seen

    def write(self, values: Mapping[str, Any]) -> None:
        """Write each where it is already, outwards, or else to the process. Nothing leaves one of several instances."""
        for name, value in values.items():
            for scope in self.outwards():
                if name in scope.variables or scope.part in ("each", "process"):
                    scope.variables[name] = value
                    break
