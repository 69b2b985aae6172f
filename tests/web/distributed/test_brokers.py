"""Jobs through a real RabbitMQ and a real Redis that are stopped, emptied and started again: each is done once."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from sqlalchemy import func, select

from engine import Engine, StartInstance
from engine.history import verify
from engine.storage.tables import history, instance, job, worker
from tests.brokers import Broker, RabbitMQ, Redis, free_port
from tests.engine.conftest import actor
from tests.engine.execution.running import ADMINISTRATOR
from tests.engine.jobs.calling import END, START, calling
from tests.engine.jobs.worker_process import engine_of
from tests.engine.xml_text import bpmn, catch, timer, way
from web.distributed.broker import CeleryBroker
from web.distributed.dispatcher import Dispatcher

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[3]


each = pytest.mark.parametrize(
    ("broker", "database"),
    [(Redis, "sqlite"), (RabbitMQ, "postgresql")],
    indirect=True,
    ids=["Redis", "RabbitMQ"],
)
"""Each broker beside another database."""


@pytest.fixture(scope="session")
def broker(request: pytest.FixtureRequest) -> Iterator[Broker]:
    """One for all tests: RabbitMQ takes its time to start."""
    folder = Path(tempfile.mkdtemp(prefix="planflow-broker-"))
    made: Broker = request.param(folder)
    try:
        made.start()
        yield made
    finally:
        made.close()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
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
def working(
    engine: Engine, folder: Path, broker: Broker, how_many: int
) -> Iterator[list[subprocess.Popen[str]]]:
    url = engine.database.url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "tests.web.distributed.worker_process", url, str(folder), broker.url]
    with (folder / "log").open("ab") as log:
        processes = [
            subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=log, text=True)
            for _ in range(how_many)
        ]
    try:
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline() == "at work\n", (folder / "log").read_text()
        yield processes
    finally:
        for process in processes:
            process.kill()
            process.communicate()


def until(holds: Callable[[], bool], folder: Path, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, (folder / "log").read_text()[-3000:]
        time.sleep(0.05)


def begin(engine: Engine, how_many: int) -> None:
    for key in ("p", "w") * how_many:
        engine.execute(StartInstance(key, {"amount": 1}), ADMINISTRATOR)


def not_ended(engine: Engine) -> int:
    with engine.database.read() as session:
        query = select(func.count()).select_from(instance).where(instance.c.status != "completed")
        return int(session.scalar(query) or 0)


def told(engine: Engine, kind: str) -> Counter[str]:
    with engine.database.read() as session:
        return Counter(session.scalars(select(history.c.instance_id).where(history.c.kind == kind)))


def jobs_of_instances(engine: Engine) -> list[int]:
    with engine.database.read() as session:
        return list(session.scalars(select(job.c.id).where(job.c.instance_id.is_not(None))))


def assert_everything_was_done_once(engine: Engine, folder: Path, how_many: int) -> None:
    calls = [line.split()[0] for line in (folder / "calls").read_text().splitlines()]
    assert len(calls) == len(set(calls)) == how_many
    assert list(told(engine, "operation.called").values()) == [1] * how_many
    assert list(told(engine, "timer.fired").values()) == [1] * how_many
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
        broker.start()
        until(lambda: not_ended(engine) == 0, folder)
        begin(engine, 1)
        until(lambda: not_ended(engine) == 0, folder)
    assert_everything_was_done_once(engine, folder, 17)
    assert "guest:guest" not in (folder / "log").read_text()


@each
def test_a_worker_that_is_killed_and_one_that_is_stopped_leave_nothing_behind(engine, folder, broker):
    with working(engine, folder, broker, 2) as (first, second):
        begin(engine, 3)
        first.kill()
        first.wait()
        second.send_signal(signal.SIGTERM)
        second.communicate(timeout=60)
        assert second.returncode == 0
        with engine.database.read() as session:
            assert (
                session.scalar(select(func.count()).select_from(worker)) == 1
            )  # the one that said no good-bye
    # What the killed worker had in work is leased to it for a minute; a clock further on need not wait so long.
    with engine.database.write() as session:
        session.execute(job.update().where(job.c.status == "leased").values(lease_until=engine.clock()))
    with working(engine, folder, broker, 1):
        until(lambda: not_ended(engine) == 0, folder)
    assert list(told(engine, "operation.called").values()) == [1] * 3


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("kind", ["amqp", "redis"])
def test_while_the_broker_is_away_that_is_told_once_and_no_job_is_marked(engine, kind, capsys, monkeypatch):
    url = f"{kind}://guest:hidden@127.0.0.1:{free_port()}//"
    dispatcher = Dispatcher(engine, CeleryBroker(url, "planflow"))
    begin(engine, 2)
    now = itertools.count(100, 100)  # each look is long after the one before
    monkeypatch.setattr("web.distributed.dispatcher.time.monotonic", lambda: next(now))
    for _look in range(3):
        assert dispatcher.hand_over() == 0
    printed = capsys.readouterr()
    assert (printed.out + printed.err).count("the broker is away") == 1
    assert "hidden" not in printed.out + printed.err
    with engine.database.read() as session:
        assert session.scalar(select(func.count(job.c.handed_until))) == 0


@each
def test_what_is_no_number_of_a_job_does_nothing(engine, folder, broker):
    with working(engine, folder, broker, 1), CeleryBroker(broker.url, "planflow").connected() as line:
        for nonsense in ("1; DROP TABLE job", {"id": 1}, None, 10**30, -1, True):
            line.send(nonsense)  # type: ignore[arg-type]
        begin(engine, 1)
        until(lambda: not_ended(engine) == 0, folder)
    assert_everything_was_done_once(engine, folder, 1)


def planflow(tmp_path: Path, *arguments: str, **environment: str) -> subprocess.Popen[str]:
    given = {name: value for name, value in os.environ.items() if not name.startswith("PLANFLOW_")}
    given |= {"PLANFLOW_HOME": str(tmp_path / "home"), **environment}
    return subprocess.Popen(
        [sys.executable, "-m", "web.cli", *arguments], cwd=ROOT, env=given, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def test_a_worker_for_a_broker_needs_one(tmp_path):
    process = planflow(tmp_path, "worker", "--celery")
    assert (
        process.communicate(timeout=60)[1]
        == "planflow: planflow worker --celery needs PLANFLOW_BROKER_URL.\n"
    )
    assert process.returncode == 1


def test_a_server_answers_and_a_worker_waits_and_ends_while_their_broker_is_away(tmp_path):
    away = {"PLANFLOW_BROKER_URL": f"redis://:hidden@127.0.0.1:{free_port()}/0"}
    assert planflow(tmp_path, "db", "upgrade").wait(60) == 0
    server, worker_ = (
        planflow(tmp_path, "serve", "--port", "0", **away),
        planflow(tmp_path, "worker", "--celery", **away),
    )
    try:
        assert server.stdout is not None
        assert worker_.stdout is not None
        address = server.stdout.readline().split()[-1]
        with urlopen(f"{address}/healthz", timeout=30) as answer:  # noqa: S310  our own server
            assert answer.status == 200
        assert "is at work" in worker_.stdout.readline()
    finally:
        for process in (server, worker_):
            process.terminate()
    for process in (server, worker_):
        _out, told = process.communicate(timeout=60)
        assert process.returncode == 0, told
        assert "hidden" not in told
