"""The commands of an installation with a broker, with the broker there and away."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest

from engine import heartbeats
from engine.directory import SYSTEM
from engine.engine import utc_now
from tests.brokers import Broker, free_port
from tests.engine.xml_text import bpmn, node, timer, way
from tests.forking import Command
from web.cli.wiring import ready
from web.container import Container
from web.settings import Settings

pytestmark = pytest.mark.slow
PATIENCE = 60.0
Run = Callable[..., Command]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    given = {name: value for name, value in os.environ.items() if not name.startswith("PLANFLOW_")}
    return {**given, "PLANFLOW_HOME": str(tmp_path / "home")}


@pytest.fixture
def container(environment: dict[str, str], tmp_path: Path) -> Iterator[Container]:
    """An installation, and in it a process that starts by itself in half a second."""
    assert Command(["db", "upgrade"], environment, tmp_path / "log").wait(PATIENCE) == 0
    soon = node("startEvent", "s", timer("timeDuration", "PT0.5S"))
    with ready(Settings.from_environment(environment)) as found:
        model = bpmn(soon + node("endEvent", "e") + way("s", "e"))
        found.engine.deploy({"p.bpmn": model}, SYSTEM, "timed")
        yield found


@pytest.fixture
def run(environment: dict[str, str], tmp_path: Path) -> Iterator[Run]:
    """Starts commands beside each other; each ends with 0 when it is asked to."""
    started: list[Command] = []

    def planflow(*arguments: str, **more: str) -> Command:
        started.append(Command(arguments, environment | more, tmp_path / "log"))
        return started[-1]

    yield planflow
    for command in started:
        command.terminate()
    assert [command.wait(PATIENCE) for command in started] == [0] * len(started), (
        tmp_path / "log"
    ).read_text()
    assert "hidden" not in (tmp_path / "log").read_text()


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


def started(container: Container) -> bool:
    with container.reading(SYSTEM) as queries:
        return bool(queries.instances(process_key="p").items)


def kinds(container: Container) -> list[str]:
    with container.session() as session:
        known = heartbeats.workers(session)
    return sorted(each.kind for each in known if each.alive(utc_now()))


def test_a_server_hands_over_what_a_worker_elsewhere_does(
    container: Container, run: Run, redis_server: Broker
) -> None:
    there = {"PLANFLOW_BROKER_URL": redis_server.url}
    run("serve", "--port", "0", **there).output.readline()
    run("worker", "--celery", **there).output.readline()
    until(lambda: started(container))
    assert kinds(container) == ["celery", "dispatcher"]


def test_while_the_broker_is_away_people_are_served_and_workers_wait(container: Container, run: Run) -> None:
    away = {"PLANFLOW_BROKER_URL": f"redis://:hidden@127.0.0.1:{free_port()}/0"}
    server = run("serve", "--port", "0", **away)
    worker = run("worker", "--celery", **away)
    address = server.output.readline().split()[-1]
    with urlopen(f"{address}/readyz", timeout=30) as answer:  # noqa: S310  our own server
        assert answer.status == 200
    assert "is at work" in worker.output.readline()
    assert not worker.has_ended(0.5)
    assert not started(container)


def test_a_worker_that_asks_no_broker_works_beside_it(container: Container, run: Run) -> None:
    run("worker", PLANFLOW_BROKER_URL=f"redis://127.0.0.1:{free_port()}/0").output.readline()
    until(lambda: started(container))
    assert kinds(container) == ["worker"]
