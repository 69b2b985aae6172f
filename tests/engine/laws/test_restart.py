"""A law: an instance that is stored and restored after every step lives the same life as one that never is.

Here the engine is compared with itself, and so in everything that can be seen of it: the records that become history,
the variables, the state as it is stored, and the tokens that wait.
"""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from SpiffWorkflow.util.task import TaskState

from engine.execution.live import LiveInstance
from engine.execution.state import dump, restore
from engine.execution.task.user import is_open_work
from tests.engine.laws.blocks import blocks
from tests.engine.laws.budget import examples
from tests.engine.laws.drawing import Model
from tests.engine.laws.game import MOST_TOKENS
from tests.engine.laws.graphs import graphs
from tests.engine.laws.histories import History, Values, histories
from tests.engine.laws.world import CONSTANTS, World


def waiting(live: LiveInstance) -> list[Any]:
    """What somebody outside can bring forward."""
    return [task for task in live.tasks.values() if is_open_work(task) or _listens(task)]


def _listens(task: Any) -> bool:
    kind = task.task_spec.element.event.kind
    return bool(task.has_state(TaskState.WAITING)) and kind in ("timer", "message")


def bring_forward(task: Any, values: Values) -> None:
    if is_open_work(task):
        task.task_spec.finish(task, values, None, None, "somebody")
    else:
        task.task_spec.trigger(task, values if task.task_spec.element.event.kind == "message" else None)


def life(world: World, history: History, restarting: bool) -> list[Any]:
    """Everything that can be seen of a life: records, status, state, variables and what waits, step by step."""
    live = LiveInstance(world.process, world, CONSTANTS, interactive=False)
    live.start(history.start)
    seen: list[Any] = []
    for choice, values in history.steps:
        seen.append([str(live.records), live.status, dump(live), [task.id for task in waiting(live)]])
        live.records.clear()
        open_ = waiting(live)
        if live.status != "active" or not open_ or len(live.tasks) > MOST_TOKENS:
            break
        number = open_[choice % len(open_)].id
        if restarting:
            state, variables = json.loads(json.dumps(dump(live)))
            live = restore(state, variables, world, CONSTANTS, interactive=False)
            assert dump(live) == (state, variables)
        bring_forward(live.tasks[number], values)
    return seen


@examples(100)
@given(model=blocks(one_token=True), history=histories())
def test_a_process_of_blocks_lives_the_same_life_if_it_is_restored_before_every_step(
    model: Model, history: History
) -> None:
    world = World(model)
    uninterrupted = life(world, history, restarting=False)
    assert life(world, history, restarting=True) == uninterrupted
    records, status, _state, waits = uninterrupted[-1]
    assert "IncidentRaised" not in records
    assert status == "completed" or waits, "it neither ended nor waits for anybody"


@examples(100)
@given(model=graphs(), history=histories())
def test_a_process_without_any_structure_lives_the_same_life_if_it_is_restored_before_every_step(
    model: Model, history: History
) -> None:
    world = World(model)
    assert life(world, history, restarting=True) == life(world, history, restarting=False)
