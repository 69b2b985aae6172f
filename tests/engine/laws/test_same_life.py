"""The law of flat cost: stored, restored and pruned after every step, a process lives as if nothing were forgotten."""

from __future__ import annotations

import re

from hypothesis import event, given, note

from tests.engine.laws import pictures
from tests.engine.laws.blocks import blocks
from tests.engine.laws.budget import examples
from tests.engine.laws.drawing import Model
from tests.engine.laws.game import Game, TooLarge
from tests.engine.laws.graphs import graphs
from tests.engine.laws.histories import History, histories
from tests.engine.laws.stored import Stored, rank
from tests.engine.laws.world import World
from tests.engine.laws.written import written

ROW = 400
"""Bytes that a stored row takes at most, with the few small variables that are drawn here."""


def live_through(model: Model, history: History) -> None:
    """Take every step in the game and in the engine, and compare them after each."""
    note(written(model).decode())
    game = Game(model)
    game.start(history.start)
    engine = Stored(World(model), history.start)
    compare(game, engine)
    sizes: dict[str, int] = {}
    for what, token, values in history.steps_of(game):
        event(what)
        engine.do(what, token, rank(game, token), values)
        game.do(what, token, values)
        compare(game, engine)
        expected = sizes.setdefault(pictures.standing(game), size(engine))
        assert size(engine) == expected, "what stands as before is stored with more or less than before"
    event(game.status)


def compare(game: Game, engine: Stored) -> None:
    """The same end or the same tokens, the same variables in the same scopes, and no row more than is needed."""
    assert engine.status == game.status
    if game.status != "active":
        assert dict(engine.restored().task_tree.data) == game.variables
        assert engine.rows <= 1
        return
    assert engine.picture() == pictures.of_game(game)
    assert engine.rows == len(game.living())
    assert len(engine.state) <= ROW * engine.rows


def size(engine: Stored) -> int:
    """How long the stored state is, but for how far its numbers have counted."""
    return len(re.sub(r"\d+", "0", engine.state))


def tried(model: Model, history: History) -> None:
    try:
        live_through(model, history)
    except TooLarge:
        event("too large")


@examples(200)
@given(model=blocks(), history=histories())
def test_a_process_of_blocks_lives_the_same_life_whether_or_not_anything_is_forgotten(
    model: Model, history: History
) -> None:
    tried(model, history)


@examples(200)
@given(model=graphs(), history=histories())
def test_a_process_without_any_structure_lives_the_same_life_whether_or_not_anything_is_forgotten(
    model: Model, history: History
) -> None:
    tried(model, history)
