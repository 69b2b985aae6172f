"""The same law in a database: every step a command of its own, every command an engine that has just been started."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import assume, event, given, note

from engine import NotDeployable
from engine.sandbox import Sandbox
from tests.engine.laws import pictures
from tests.engine.laws.blocks import blocks
from tests.engine.laws.budget import examples
from tests.engine.laws.drawing import Model
from tests.engine.laws.game import Game, TooLarge
from tests.engine.laws.graphs import graphs
from tests.engine.laws.histories import History, histories
from tests.engine.laws.served import Served, served
from tests.engine.laws.tokens import Token
from tests.engine.laws.written import written

KNOWN = histories(complete=True, longest=8)
"""Starlark knows no variable that has no value, so all have one from the start."""


def live_through(engine: Served, model: Model, history: History) -> None:
    """Take every step in the game and in the database, and compare them after each."""
    note(written(model).decode())
    start = dict.fromkeys(model.names, 0) | history.start
    game = Game(model)
    game.start(start)
    try:
        engine.deploy(written(model))
    except NotDeployable:
        event("refused")
        assume(False)
    engine.start(start)
    compare(game, engine)
    for what, chosen, values in history.steps_of(game):
        token, place = _addressed(game, what, chosen)
        event(what)
        engine.do(what, token.node, place, values)
        game.do(what, token, values)
        compare(game, engine)
    event(game.status)


def _addressed(game: Game, what: str, chosen: Token) -> tuple[Token, int]:
    """The token, and how many wait longer for the same. A message finds the one that has waited longest."""
    likes = [token for kind, token in game.to_do() if kind == what and token.node is chosen.node]
    return (likes[0], 0) if what == "message" else (chosen, likes.index(chosen))


def compare(game: Game, engine: Served) -> None:
    """The same end, the same variables, the same rows to wait for, and no token stored beyond those that live."""
    seen = engine.seen()
    assert (seen.status, seen.variables) == (game.status, game.variables)
    if game.status == "active":
        assert seen.waiting == pictures.of_waiting(game)
        assert seen.rows == len(game.living())
    else:
        assert not seen.waiting
        assert seen.rows <= 1


def tried(engine: Served, model: Model, history: History) -> None:
    try:
        live_through(engine, model, history)
    except TooLarge:
        event("too large")


@pytest.mark.slow
@examples(30)
@given(model=blocks(served=True), history=KNOWN)
def test_a_process_of_blocks_lives_the_same_life_in_a_database(
    sqlite_template: Path, tmp_path: Path, sandbox: Sandbox, model: Model, history: History
) -> None:
    tried(served(sqlite_template, tmp_path, sandbox), model, history)


@pytest.mark.slow
@examples(30)
@given(model=graphs(served=True), history=KNOWN)
def test_a_process_without_any_structure_lives_the_same_life_in_a_database(
    sqlite_template: Path, tmp_path: Path, sandbox: Sandbox, model: Model, history: History
) -> None:
    tried(served(sqlite_template, tmp_path, sandbox), model, history)
