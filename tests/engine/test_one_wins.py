"""Several do the same thing at the same moment: one wins, the others are told so, and the instance goes on.

``PLANFLOW_RACES=1000 python -m pytest tests/engine/test_one_wins.py`` races a thousand times instead of a few.
"""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import httpx
import pytest

from engine import (
    Actor,
    ClaimTask,
    CompleteTask,
    Conflict,
    CorrelateMessage,
    NotFound,
    PlanFlowError,
    ReleaseTask,
    StartInstance,
    TerminateInstance,
    history,
)
from plans.organisation import people, tokens
from plans.scenarios.reading import BEGINNING
from tests.engine.conftest import actor
from tests.engine.xml_text import bpmn, node, way
from tests.stories.http_stage import Server

RACES = int(os.environ.get("PLANFLOW_RACES", "10"))
ADMINISTRATOR, SUPERVISOR = actor("administrator"), actor("supervisor")
SUPERIORS = [Actor(f"superior_{n}", frozenset({"superior"}), f"Superior {n}") for n in range(20)]
PROCESS = bpmn(
    node("startEvent", "s")
    + node("userTask", "a", planflow_candidateGroups="superior")
    + node(
        "receiveTask", "paid", messageRef="paid_message", planflow_correlation="={&quot;order&quot;: order}"
    )
    + node("userTask", "b", planflow_candidateGroups="superior")
    + node("endEvent", "e")
    + way("s", "a", "paid", "b", "e"),
    definitions='<bpmn:message id="paid_message" name="paid"/>',
)
TOLD = ("task.claimed", "task.released", "task.completed", "message.received", "instance.terminated")


def raced(pool: ThreadPoolExecutor, doings: list[Callable[[], Any]]) -> list[Any]:
    """What came of each, all begun at the same moment: a result, or the error that was told."""
    together = threading.Barrier(len(doings))

    def one(doing: Callable[[], Any]) -> Any:
        together.wait(60)
        try:
            return doing()
        except PlanFlowError as told:
            return told

    return list(pool.map(one, doings))


def winner(came: list[Any], *losing: type[PlanFlowError]) -> int:
    """The place of the one that won; all others have lost in one of these ways."""
    won = [place for place, each in enumerate(came) if not isinstance(each, PlanFlowError)]
    assert len(won) == 1, came
    assert all(isinstance(each, losing) for place, each in enumerate(came) if place != won[0]), came
    return won[0]


@pytest.fixture(params=[2, 20], ids=["two", "twenty"])
def clients(request: pytest.FixtureRequest) -> int:
    """How many do it at once."""
    number: int = request.param
    return number


@pytest.fixture
def pool(clients: int) -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(clients) as pool:
        yield pool


def one_race(engine, pool: ThreadPoolExecutor, clients: int, order: int) -> str:
    """Claim, give back, complete, hand over and end one instance, each by all at once. Returns its id."""
    execute = engine.execute
    started = execute(StartInstance("p", {"order": order}), SUPERVISOR)
    [task] = started.task_ids
    claims = raced(pool, [lambda who=who: execute(ClaimTask(task), who) for who in SUPERIORS[:clients]])
    who = SUPERIORS[winner(claims, Conflict)]
    winner(raced(pool, clients * [lambda: execute(ReleaseTask(task), who)]), Conflict)
    winner(
        raced(pool, [lambda who=who: execute(CompleteTask(task), who) for who in SUPERIORS[:clients]]),
        Conflict,
    )
    paid = raced(pool, clients * [lambda: execute(CorrelateMessage("paid", {"order": order}), ADMINISTRATOR)])
    following = paid[winner(paid, Conflict, NotFound)]
    assert len(following.task_ids) == 1
    ends = raced(
        pool, clients * [lambda: execute(TerminateInstance(started.instance_id, "over"), SUPERVISOR)]
    )
    winner(ends, Conflict)
    return started.instance_id


def told(engine, instance_id: str) -> Counter[str]:
    with engine.database.read() as session:
        events = engine.queries(session, ADMINISTRATOR).history(instance_id, limit=200).items
    return Counter(event.kind for event in events if event.kind in TOLD)


def test_of_several_who_do_the_same_at_once_one_wins_and_the_others_are_told(engine, deploy, pool, clients):
    deploy(PROCESS)
    for order in range(RACES):
        ran = one_race(engine, pool, clients, order)
        assert told(engine, ran) == dict.fromkeys(TOLD, 1)
    with engine.database.read() as session:
        assert list(history.verify(session)) == []


# Over HTTP


@pytest.fixture
def server(database, tmp_path) -> Iterator[Server]:
    running = Server(tmp_path, database.url.render_as_string(hide_password=False))
    running.clock.write_text(BEGINNING.isoformat())
    running.start()
    yield running
    running.stop()


def test_over_http_one_wins_as_well_and_the_others_get_409(server, engine, deploy, database, pool, clients):
    deploy(PROCESS)
    with database.write() as session:
        for name, role in [
            ("root", "administrator"),
            *((who.user, "superior") for who in SUPERIORS[:clients]),
        ]:
            people.create_person(session, name, roles=[role], now=BEGINNING)
        bearers = {
            name: tokens.create_token(session, name, now=BEGINNING)
            for name in ("root", *(who.user for who in SUPERIORS[:clients]))
        }
    callers = [
        httpx.Client(
            base_url=f"{server.address}/api/v1", headers={"Authorization": f"Bearer {bearer}"}, timeout=60
        )
        for bearer in bearers.values()
    ]
    root, everybody = callers[0], callers[1:]
    for order in range(max(RACES // 20, 2)):
        one_race_over_http(pool, clients, root, everybody, order)
    for caller in callers:
        caller.close()


def one_race_over_http(
    pool: ThreadPoolExecutor, clients: int, root: httpx.Client, everybody: list[httpx.Client], order: int
) -> None:
    started = root.post("/processes/p/instances", json={"variables": {"order": order}}).json()
    [task] = started["task_ids"]
    one_of(raced(pool, [partial(each.post, f"/tasks/{task}/claim") for each in everybody]))
    one_of(raced(pool, [partial(each.post, f"/tasks/{task}/complete", json={}) for each in everybody]))
    message = {"name": "paid", "correlation": {"order": order}, "time_to_live": "PT0S"}
    one_of(raced(pool, clients * [partial(root.post, "/messages", json=message)]), 409, 404)
    address = f"/instances/{started['instance_id']}/terminate"
    one_of(raced(pool, clients * [partial(root.post, address, json={"reason": "over"})]))


def one_of(answers: list[httpx.Response], *losing: int) -> None:
    """One is 200, and the others are refused as they are to be."""
    counted = Counter(answer.status_code for answer in answers)
    assert counted[200] == 1, [answer.text for answer in answers]
    assert set(counted) <= {200, *(losing or (409,))}, [answer.text for answer in answers]
