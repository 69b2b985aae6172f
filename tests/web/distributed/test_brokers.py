"""Jobs through a real RabbitMQ and a real Redis that are stopped, emptied and started again: each is done once."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from engine import Engine, StartInstance, heartbeats
from engine.history import verify
from engine.storage.tables import history, instance, job
from tests.brokers import Broker
from tests.engine.conftest import actor
from tests.engine.execution.running import ADMINISTRATOR
from tests.engine.jobs.calling import END, START, calling
from tests.engine.jobs.worker_process import engine_of
from tests.engine.xml_text import bpmn, catch, timer, way
from tests.forking import Command, preload
from tests.web.distributed.worker_process import main
from web.distributed.broker import CeleryBroker, why_away

pytestmark = pytest.mark.slow
preload("tests.web.distributed.worker_process")
PATIENCE = 60.0

each = pytest.mark.parametrize(
    ("broker", "database"),
    [("Redis", "sqlite"), ("RabbitMQ", "postgresql")],
    indirect=True,
    ids=["Redis", "RabbitMQ"],
)
"""Each broker beside another database."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where calls are noted, and how long each takes."""
    made = tmp_path / "calls"
    made.mkdir()
    (made / "seconds").write_text("0.05")
    return made


@pytest.fixture
def engine(database: Any, folder: Path) -> Iterator[Engine]:
    made = engine_of(database.url.render_as_string(hide_password=False), folder)
    made.deploy({"p.bpmn": calling()}, actor("designer"), "calls")
    waiting = bpmn(START + catch("wait", timer("timeDuration", "PT0.5S")) + END + way("s", "wait", "e"), "w")
    made.deploy({"w.bpmn": waiting}, actor("designer"), "waits")
    yield made
    made.close()


@contextmanager
def working(engine: Engine, folder: Path, broker: Broker, how_many: int) -> Iterator[list[Command]]:
    url = engine.database.url.render_as_string(hide_password=False)
    arguments = [url, str(folder), broker.url]
    started = [Command(arguments, os.environ, folder / "log", program=main) for _number in range(how_many)]
    try:
        for each_one in started:
            assert each_one.output.readline() == "at work\n", (folder / "log").read_text()
        yield started
    finally:
        for each_one in started:
            each_one.kill()
            each_one.has_ended(PATIENCE)


def until(holds: Callable[[], bool], folder: Path) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, (folder / "log").read_text()[-3000:]
        time.sleep(0.05)


def begin(engine: Engine, how_many: int, *keys: str) -> None:
    for key in (keys or ("p", "w")) * how_many:
        engine.execute(StartInstance(key, {"amount": 1}), ADMINISTRATOR)


def all_ended(engine: Engine) -> bool:
    with engine.database.read() as session:
        query = select(func.count()).select_from(instance).where(instance.c.status != "completed")
        return session.scalar(query) == 0


def calls(folder: Path) -> list[str]:
    """The keys under which the other system was called."""
    file = folder / "calls"
    return [line.split()[0] for line in file.read_text().splitlines()] if file.exists() else []


def told(engine: Engine, kind: str) -> list[int]:
    """How often that happened, for each instance in which it did."""
    with engine.database.read() as session:
        query = select(history.c.instance_id).where(history.c.kind == kind)
        return list(Counter(session.scalars(query)).values())


def jobs_of_instances(engine: Engine) -> list[int]:
    with engine.database.read() as session:
        return list(session.scalars(select(job.c.id).where(job.c.instance_id.is_not(None))))


def assert_everything_was_done_once(engine: Engine, folder: Path, how_many: int) -> None:
    assert len(set(calls(folder))) == len(calls(folder)) == how_many
    assert told(engine, "operation.called") == [1] * how_many
    assert told(engine, "timer.fired") == [1] * how_many
    assert jobs_of_instances(engine) == []
    with engine.database.read() as session:
        assert list(verify(session)) == []


@each
def test_a_broker_that_is_stopped_emptied_and_repeats_changes_nothing_but_delay(engine, folder, broker):
    with working(engine, folder, broker, 2):
        begin(engine, 4)
        for _round in range(3):  # emptied while it is in use
            begin(engine, 2)
            broker.lose_everything()
        with CeleryBroker(broker.url, "planflow").connected() as line:
            begin(engine, 2)
            for number in jobs_of_instances(engine) * 3:  # each several times, also before it is due
                line.send(number)
        broker.stop()
        begin(engine, 4)
        assert why_away(broker.url, "planflow")
        broker.start()
        until(lambda: all_ended(engine), folder)
        begin(engine, 1)
        until(lambda: all_ended(engine), folder)
    assert_everything_was_done_once(engine, folder, 17)
    assert "guest:guest" not in (folder / "log").read_text()


@each
def test_a_worker_that_is_asked_to_stop_gives_back_what_takes_too_long(engine, folder, broker):
    (folder / "seconds").write_text("120")
    begin(engine, 1, "p")
    with working(engine, folder, broker, 1) as [first]:
        until(lambda: len(calls(folder)) == 1, folder)
        first.terminate()
        assert first.wait(PATIENCE) == 0
    with engine.database.read() as session:
        [row] = session.execute(select(job).where(job.c.instance_id.is_not(None)))
        assert heartbeats.workers(session) == []
    assert (row.status, row.lease_owner, row.attempts) == ("due", None, 0)
    (folder / "seconds").write_text("0")
    with working(engine, folder, broker, 1):
        until(lambda: all_ended(engine), folder)
    once, again = calls(folder)
    assert once == again
    assert told(engine, "operation.called") == [1]


@each
def test_a_worker_that_is_killed_leaves_nothing_behind_but_its_lease(engine, folder, broker):
    (folder / "seconds").write_text("120")
    begin(engine, 2)
    with working(engine, folder, broker, 1) as [first]:
        until(lambda: len(calls(folder)) == 2, folder)
        first.kill()
        first.wait(PATIENCE)
    with engine.database.write() as session:
        [gone] = heartbeats.workers(session)  # it said no good-bye
        assert gone.kind == heartbeats.CELERY
        # What it had in work is leased to it for a minute, for which nobody here has to wait.
        session.execute(job.update().where(job.c.status == "leased").values(lease_until=engine.clock()))
    (folder / "seconds").write_text("0")
    with working(engine, folder, broker, 1):
        until(lambda: all_ended(engine), folder)
    assert told(engine, "operation.called") == [1] * 2
    assert told(engine, "timer.fired") == [1] * 2


@pytest.mark.parametrize(
    ("broker", "scheme"), [("Redis", "rediss"), ("RabbitMQ", "amqps")], indirect=["broker"]
)
def test_a_broker_that_speaks_tls_has_to_prove_its_name(
    broker: Broker, scheme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = "/0" if scheme == "rediss" else "//"
    by_name, by_number = (
        f"{scheme}://{host}:{broker.tls_port}{place}" for host in ("localhost", "127.0.0.1")
    )
    assert "certificate verify failed" in (why_away(by_name, "planflow") or "")
    monkeypatch.setenv("SSL_CERT_FILE", str(broker.authority))
    assert why_away(by_name, "planflow") is None
    assert "certificate verify failed" in (why_away(by_number, "planflow") or "")


@each
def test_what_is_no_number_of_a_job_does_nothing(engine, folder, broker):
    with working(engine, folder, broker, 1), CeleryBroker(broker.url, "planflow").connected() as line:
        for nonsense in ("1; DROP TABLE job", {"id": 1}, None, 10**30, -1, True):
            line.send(nonsense)  # type: ignore[arg-type]
        begin(engine, 1)
        until(lambda: all_ended(engine), folder)
    assert_everything_was_done_once(engine, folder, 1)
