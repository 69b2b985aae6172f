"""The engine, of which only text is left between two steps: each restores it, goes on, and stores it anew."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from SpiffWorkflow.util.task import TaskState

from engine.execution.live import LiveInstance
from engine.execution.records import Record
from engine.execution.state import dump, restore
from tests.engine.laws import pictures
from tests.engine.laws.game import Game
from tests.engine.laws.tokens import State, Token
from tests.engine.laws.world import CONSTANTS, World

_STATES = {State.READY: TaskState.READY, State.WAITING: TaskState.WAITING}


class Stored:
    """An instance of process ``p``, of which nothing is kept between steps but JSON."""

    def __init__(self, world: World, variables: Mapping[str, Any]) -> None:
        self.world = world
        live = LiveInstance(world.process, world, CONSTANTS, interactive=False)
        live.start(variables)
        self._store(live)

    def _store(self, live: LiveInstance) -> None:
        state, variables = dump(live)
        self.state, self.variables = state, json.dumps(variables)
        self.status = live.status
        self.told: list[Record] = live.records

    def restored(self) -> LiveInstance:
        """The instance as it was stored."""
        live = restore(self.state, json.loads(self.variables), self.world, CONSTANTS, interactive=False)
        assert dump(live) == (self.state, json.loads(self.variables)), "stored again it is something else"
        return live

    @property
    def rows(self) -> int:
        """How many rows are stored: one for each token and scope that is needed to go on."""
        return len(json.loads(self.state)["t"])

    def picture(self) -> pictures.Picture:
        return pictures.of_engine(self.restored())

    def do(self, what: str, token: Token, rank: int, values: Mapping[str, Any]) -> None:
        """Do what is done in the game with a token that is one of several like it, by age."""
        live = self.restored()
        task = _likes_of(live, token)[rank]
        if what == "work":
            task.task_spec.finish(task, values, None, None, "somebody")
        elif what == "retry":
            live.retry(task.id)
        else:
            task.task_spec.trigger(task, values if what == "message" else None)
        self._store(live)


def _likes_of(live: LiveInstance, token: Token) -> list[Any]:
    """The live tasks at the node of a token and in the state that it is in, oldest first."""
    name = pictures.name_of(token)
    here = [task for task in live.tasks.values() if task.task_spec.name == name]
    return sorted((task for task in here if task.has_state(_STATES[token.state])), key=lambda task: task.id)


def rank(game: Game, token: Token) -> int:
    """How many older tokens there are like this one."""
    here = [other for other in game.living() if pictures.name_of(other) == pictures.name_of(token)]
    return [other for other in here if other.state is token.state].index(token)
