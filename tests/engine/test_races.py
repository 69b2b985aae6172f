"""Everything at once on the same instances: no deadlock, no unexpected error, no lost or doubled step."""

from __future__ import annotations

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest

from engine import (
    ClaimTask,
    CompleteTask,
    Conflict,
    CorrelateMessage,
    NotFound,
    RetryIncident,
    SaveDraft,
    StartInstance,
    TerminateInstance,
    history,
)
from tests.engine.conftest import actor
from tests.engine.xml_text import bpmn, node, timer, way

ADMINISTRATOR = actor("administrator")
REMINDED = node(
    "boundaryEvent", "late", timer("timeCycle", "R/PT1S"), attachedToRef="a", cancelActivity="false"
)
PROCESS = bpmn(
    node("startEvent", "s")
    + node("parallelGateway", "fork")
    + node("userTask", "a", planflow_candidateGroups="superior")
    + REMINDED
    + node("serviceTask", "remind", planflow_operation="remind")
    + node(
        "receiveTask", "paid", messageRef="paid_message", planflow_correlation="={&quot;order&quot;: order}"
    )
    + node("parallelGateway", "join")
    + node("endEvent", "e")
    + way("s", "fork", "a", "join", "e")
    + way("fork", "paid", "join")
    + way("late", "remind"),
    definitions='<bpmn:message id="paid_message" name="paid"/>',
)


def at_once(engine, order: int, started: Any) -> list[Callable[[], object]]:
    """What several people, systems and workers do with one instance."""
    task, superior = started.task_ids[0], actor("superior")
    doings: list[Callable[[], object]] = [
        *3 * [lambda: engine.execute(CompleteTask(task), superior, f"complete {task}")],
        *2 * [lambda: engine.execute(CorrelateMessage("paid", {"order": order}), ADMINISTRATOR)],
        *2 * [engine.fire_due_timers],
        lambda: engine.execute(ClaimTask(task), superior),
        lambda: engine.execute(SaveDraft(task, {"half": True}), superior),
    ]
    if order % 4 == 0:
        doings.append(
            lambda: engine.execute(TerminateInstance(started.instance_id, "why not"), ADMINISTRATOR)
        )
    return doings


def allowed(doing: Callable[[], object]) -> None:
    """Somebody was first: the only way in which any of it may fail."""
    with suppress(Conflict, NotFound):
        doing()


def incidents(engine) -> list[Any]:
    with engine.database.read() as session:
        return engine.queries(session, ADMINISTRATOR).incidents(limit=200).items


@pytest.mark.parametrize("seed", [1, 2])
def test_whatever_happens_at_once_every_instance_ends_once_with_a_whole_history(
    engine, deploy, operations, clock, seed
):
    rolls = random.Random(seed)  # noqa: S311

    def remind(context, inputs):
        if rolls.random() < 0.2:
            raise RuntimeError("the post is closed")
        return {}

    operations["remind"] = remind
    deploy(PROCESS)
    instances = [engine.execute(StartInstance("p", {"order": n}), actor("supervisor")) for n in range(8)]
    clock.advance(seconds=5)
    doings = [doing for order, started in enumerate(instances) for doing in at_once(engine, order, started)]
    rolls.shuffle(doings)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(allowed, doings))
    while found := incidents(engine):
        for each in found:
            allowed(lambda each=each: engine.execute(RetryIncident(each.id), ADMINISTRATOR))
    with engine.database.read() as session:
        assert list(history.verify(session)) == []
        everything = engine.queries(session, ADMINISTRATOR).instances().items
    assert {instance.status for instance in everything} <= {"completed", "terminated"}
    assert engine.fire_due_timers() == 0
