"""What can be seen of a running process, in one form for the game and for the engine, so that the two can be compared.

A picture is a tree: a token or scope with its state, the flow it came by if it waits at a gateway, its variables, and
what lives inside. What stands beside each other has no order.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from SpiffWorkflow.util.task import TaskState

from engine.execution.live import LiveInstance
from tests.engine.laws.drawing import GATEWAYS
from tests.engine.laws.game import Game
from tests.engine.laws.tokens import State, Token

Picture = tuple[Any, ...]

_WORDS = {TaskState.READY: "ready", TaskState.WAITING: "waiting", TaskState.STARTED: "open"}


def of_game(game: Game) -> Picture:
    """The game as it stands."""
    return _token(game, game.table[0])


def of_engine(live: LiveInstance) -> Picture:
    """A live instance as it stands."""
    return _task(live.task_tree)


def name_of(token: Token) -> str:
    """What the engine calls the place of a token: its node, or the frame around the repetitions of that."""
    return f"{token.node.id}:each" if token.part == "frame" else token.node.id


def _token(game: Game, token: Token) -> Picture:
    held = token.state is State.WAITING and token.node.kind in GATEWAYS
    return _picture(
        name_of(token),
        "stuck" if token.stuck else token.state.value,
        token.came_by if held else None,
        token.variables,
        [_token(game, inside) for inside in game.within(token)],
    )


def _task(task: Any) -> Picture:
    stuck = "incident" in task.internal_data
    held = task.has_state(TaskState.WAITING) and task.task_spec.element.kind.endswith("Gateway")
    return _picture(
        task.task_spec.name,
        "stuck" if stuck else _WORDS.get(task.state, "otherwise"),
        task.internal_data.get("via") if held else None,
        task.data,
        [_task(inside) for inside in task.children],
    )


def _picture(
    name: str, state: str, via: str | None, variables: dict[str, Any], inside: list[Picture]
) -> Picture:
    return (name, state, via, sorted(variables.items()), sorted(inside, key=repr))


def of_waiting(game: Game) -> Counter[tuple[str, str]]:
    """What somebody outside can do, and at which elements."""
    return Counter((what, token.node.id) for what, token in game.to_do())


def standing(game: Game) -> str:
    """All that lives in a game, without the variables of the process: what stands the same is stored the same."""
    return repr(sorted(repr(_standing(token)) for token in game.living()))


def _standing(token: Token) -> Picture:
    around = token.around
    inside = None if around is None else (around.node.id, around.index)
    own = {} if around is None else token.variables
    given, resets = sorted(token.given.items()), sorted(token.resets)
    state = "stuck" if token.stuck else token.state.value
    return (name_of(token), state, token.came_by, inside, token.index, token.spent, own, given, resets)
