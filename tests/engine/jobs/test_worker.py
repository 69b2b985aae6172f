"""Workers as they run: threads, processes, and processes that die."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from engine import Database, Engine, StartInstance, Worker, outside
from tests.engine.conftest import actor
from tests.engine.execution.running import ADMINISTRATOR, Running
from tests.engine.jobs.calling import END, START, call, calling, jobs
from tests.engine.jobs.worker_process import engine_of
from tests.engine.xml_text import bpmn, catch, timer, way

ROOT = Path(__file__).parents[3]


def until(holds: Callable[[], bool], seconds: float = 20) -> None:
    """Wait until something is so."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


@contextmanager
def working(url: str, folder: Path) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.engine.jobs.worker_process", url, str(folder)],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "at work\n"
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.fixture
def url(database: Database) -> str:
    return database.url.render_as_string(hide_password=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "calls"
    made.mkdir()
    (made / "seconds").write_text("0")
    return made


@pytest.fixture
def real(url: str, folder: Path) -> Iterator[Engine]:
    """An engine on the system clock, as the processes have it."""
    engine = engine_of(url, folder)
    engine.deploy({"p.bpmn": calling()}, actor("designer"), "test")
    yield engine
    engine.close()


def begin(engine: Engine, key: str = "p") -> Running:
    return Running(engine, engine.execute(StartInstance(key, {"amount": 1}), ADMINISTRATOR).instance_id)


def calls(folder: Path) -> list[list[str]]:
    file = folder / "calls"
    return [line.split() for line in file.read_text().splitlines()] if file.exists() else []


def test_a_call_whose_worker_is_killed_is_made_again_and_counts_once(real, url, folder):
    (folder / "seconds").write_text("60")
    running = begin(real)
    with working(url, folder) as first:
        until(lambda: len(calls(folder)) == 1)
        assert [job.status for job in jobs(real)] == ["leased"]
        first.kill()
        first.wait()
    (folder / "seconds").write_text("0")
    with working(url, folder) as second:
        until(lambda: running.status == "completed")
        assert running.variables["kept"]["by"] == second.pid
    (key, instance, _), (again, same, _) = calls(folder)
    assert (key, instance) == (again, same)
    assert running.told("operation.called") == ["call"]
    assert jobs(real) == []


def test_a_worker_that_is_asked_to_stop_gives_back_what_takes_too_long(real, url, folder):
    (folder / "seconds").write_text("60")
    begin(real)
    with working(url, folder) as process:
        until(lambda: len(calls(folder)) == 1)
        process.send_signal(signal.SIGTERM)
        _out, err = process.communicate(timeout=20)
        assert process.returncode == 0, err
    [given_back] = jobs(real)
    assert (given_back.status, given_back.lease_owner, given_back.attempts) == ("due", None, 0)


def test_a_worker_that_is_asked_to_stop_finishes_what_it_is_doing(real, url, folder):
    (folder / "seconds").write_text("0.3")
    running = begin(real)
    with working(url, folder) as process:
        until(lambda: len(calls(folder)) == 1)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)
        assert process.returncode == 0
    assert running.status == "completed"


def test_several_processes_on_one_database_do_everything_once(real, url, folder):
    body = START + catch("t", timer("timeDuration", "PT0.5S")) + call() + END + way("s", "t", "call", "e")
    real.deploy({"p.bpmn": bpmn(body, key="timed")}, actor("designer"), "timed")
    ran = [begin(real, "timed") for _number in range(12)]
    with ExitStack() as open_processes:
        for _number in range(3):
            open_processes.enter_context(working(url, folder))
        until(lambda: all(running.status == "completed" for running in ran), 40)
    assert len(calls(folder)) == 12
    assert [(running.told("timer.fired"), running.told("operation.called")) for running in ran] == 12 * [
        (["t"], ["call"])
    ]


# In one process


@pytest.fixture
def slow(operations) -> Iterator[threading.Event]:
    """An operation that comes back only when it is let go."""
    let_go = threading.Event()

    def post(_whose, _inputs):
        let_go.wait(20)
        return {}

    operations["post"] = outside(post)
    yield let_go
    let_go.set()


def test_a_slow_call_holds_up_no_timer(engine, deploy, clock, slow):
    deploy(calling())
    calls_out = begin(engine)
    timed = bpmn(START + catch("t", timer("timeDuration", "PT1H")) + END + way("s", "t", "e"), key="timed")
    engine.deploy({"t.bpmn": timed}, actor("designer"), "timed")
    waits = begin(engine, "timed")
    worker = Worker(engine, interval=0.02, at_once=1)
    worker.start()
    try:
        until(lambda: [job.status for job in jobs(engine) if job.kind == "service"] == ["leased"])
        clock.advance(hours=1)
        until(lambda: waits.status == "completed")
        assert calls_out.status == "active"
        slow.set()
        until(lambda: calls_out.status == "completed")
    finally:
        slow.set()
        worker.stop()


def test_no_more_lie_outside_at_once_than_is_allowed(engine, deploy, slow):
    deploy(calling())
    ran = [begin(engine) for _number in range(5)]
    worker = Worker(engine, interval=0.02, at_once=2)
    worker.start()
    try:
        until(lambda: sum(job.status == "leased" for job in jobs(engine)) == 2)
        time.sleep(0.2)
        assert sum(job.status == "leased" for job in jobs(engine)) == 2
        slow.set()
        until(lambda: all(running.status == "completed" for running in ran))
    finally:
        slow.set()
        worker.stop()
