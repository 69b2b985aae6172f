"""Workers die in the middle of a delivery, and it arrives all the same, with the same id."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from engine.engine import utc_now
from tests.engine.conftest import actor
from tests.webhooks.conftest import TASK, furnish

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.slow


@contextmanager
def working(url: str, lease: float) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.webhooks.worker_process", url, str(lease)],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "at work\n"
        yield process
    finally:
        process.kill()
        process.communicate()


def until(holds: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def test_a_worker_that_is_killed_while_a_receiver_answers_is_followed_by_another(database, sandbox, receiver):
    house = furnish(database, sandbox, utc_now, {})
    house.engine.deploy({"process.bpmn": TASK}, actor("designer"), "p")
    _made, secret = house.endpoint(receiver.url)
    url = database.url.render_as_string(hide_password=False)
    receiver.answer(204, seconds=1.0).then(204)
    with working(url, 2) as first:
        started = house.start()
        house.complete(started.task_ids[0])
        until(lambda: len(receiver.begun) == 1)
        first.kill()
        first.wait()
    with working(url, 2):
        until(lambda: {row.status for row in house.deliveries()} == {"delivered"})
    until(lambda: len(receiver.got) == len(receiver.begun))
    assert len(receiver.got) >= 6
    ids = [one.id for one in sorted(receiver.got, key=lambda one: one.begun)]
    assert ids[0] == ids[1]  # the receiver knows it again
    assert len(set(ids)) == 5
    sequences = [
        one.verified(secret)["data"]["sequence"] for one in sorted(receiver.got, key=lambda g: g.begun)
    ]
    assert sequences == sorted(sequences)


def test_two_worker_processes_send_each_event_once_and_in_order(database, sandbox, receiver):
    house = furnish(database, sandbox, utc_now, {})
    house.engine.deploy({"process.bpmn": TASK}, actor("designer"), "p")
    house.endpoint(receiver.url)
    url = database.url.render_as_string(hide_password=False)
    with working(url, 60), working(url, 60):
        started = [house.start() for _each in range(10)]
        for each in started:
            house.complete(each.task_ids[0])
        until(lambda: len(receiver.got) >= 50 and {r.status for r in house.deliveries()} == {"delivered"})
    assert len(receiver.got) == len({one.id for one in receiver.got}) == 50
    for each in started:
        mine = [one for one in receiver.got if one.json["data"]["instance"]["id"] == each.instance_id]
        mine.sort(key=lambda one: one.begun)
        numbers = [one.json["data"]["sequence"] for one in mine]
        assert numbers == sorted(numbers)
        assert all(mine[n].ended <= mine[n + 1].begun for n in range(len(mine) - 1))
