"""What happens to a process from outside, drawn at random."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from tests.engine.laws.drawing import NAMES
from tests.engine.laws.game import Game
from tests.engine.laws.tokens import Token

Values = dict[str, Any]


@dataclass(frozen=True)
class History:
    """The variables at the start, and at each step which of all that waits is brought forward with which values."""

    start: Values
    steps: tuple[tuple[int, Values], ...]

    def steps_of(self, game: Game) -> Iterator[tuple[str, Token, Values]]:
        """Step by step what is to be done next, until nothing waits any more."""
        for choice, values in self.steps:
            to_do = game.to_do() if game.status == "active" else []
            if not to_do:
                return
            to_do.sort(key=lambda each: (each[1].node.id, each[1].number))
            what, token = to_do[choice % len(to_do)]
            yield what, token, values


def _values(number: int) -> Values:
    """The values that a number stands for: each variable from 0 to 3, or not there."""
    found = {}
    for name in NAMES:
        number, digit = divmod(number, 5)
        if digit:
            found[name] = digit - 1
    return found


values = st.integers(0, 5 ** len(NAMES) - 1).map(_values)


def histories(complete: bool = False, longest: int = 25) -> st.SearchStrategy[History]:
    """Histories of so many steps, if there is something to do for so long; seldom much shorter ones.

    If ``complete``, every variable has a value from the start.
    """
    start = values.map(lambda some: dict.fromkeys(NAMES, 0) | some) if complete else values
    steps = st.lists(st.tuples(st.integers(0, 9), values), min_size=longest // 2, max_size=longest)
    return st.builds(History, start, steps.map(tuple))
