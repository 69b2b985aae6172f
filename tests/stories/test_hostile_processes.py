"""A server on which hostile processes run goes on serving everybody else."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from engine import Database
from plans.organisation import people, tokens
from tests.engine.xml_text import bpmn, flow, node, script, way
from tests.stories.http_stage import Server

pytestmark = pytest.mark.slow

NOW = datetime(2027, 1, 4, 8, 0, tzinfo=UTC)
LIMIT = 1.0
"""Seconds that a script may take, the default."""

HOSTILE = {
    "endless": "x = [1 for a in range(100000) for b in range(100000) if False]",
    "built_in": "x = [('ab' * 100000).replace('ba', 'c') for _ in range(100000)]",
    "greedy": "x = [str(a) * 10 for a in range(100000000)]",
}
"""Scripts that are stopped with their line, by the alarm, and for the memory they take."""


def hostile(key: str, source: str) -> bytes:
    body = (
        node("startEvent", "s")
        + script("here", escape(source))
        + node("endEvent", "e")
        + way("s", "here", "e")
    )
    return bpmn(body, key=key)


def decent() -> bytes:
    """A task, then a condition that a worker has to evaluate."""
    task = node("userTask", "t", planflow_candidateUsers="supervisor")
    nodes = [
        node("startEvent", "s"),
        task,
        node("exclusiveGateway", "g", default="g_f"),
        node("endEvent", "e"),
        node("endEvent", "f"),
    ]
    condition = flow("g", "e", "len([n for n in range(4) if n &gt; amount]) &gt; 0")
    body = "".join(nodes) + way("s", "t", "g", "f") + condition
    return bpmn(body, key="decent")


@dataclass
class Office:
    """A server process and the people who use it."""

    server: Server
    tokens: dict[str, str]
    http: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=60))

    def ask(self, user: str, method: str, path: str, **content: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.tokens[user]}"}
        answer = self.http.request(method, f"{self.server.address}/api/v1{path}", headers=headers, **content)
        assert answer.status_code < 400, answer.text
        return answer.json()

    def start(self, process: str, user: str = "supervisor", **variables: Any) -> Any:
        return self.ask(user, "POST", f"/processes/{process}/instances", json={"variables": variables})

    def work(self) -> None:
        """Start an instance, complete its task and read it."""
        started = self.start("decent", amount=2)
        task = started["task_ids"][0]
        done = self.ask("supervisor", "POST", f"/tasks/{task}/complete", json={"variables": {}})
        assert done["status"] == "completed"
        self.ask("supervisor", "GET", f"/instances/{started['instance_id']}")

    def process(self) -> psutil.Process:
        return psutil.Process(self.server.pid)

    def workers(self) -> list[psutil.Process]:
        return [child for child in self.process().children() if _is_worker(child)]


def _is_worker(process: psutil.Process) -> bool:
    try:
        return "worker_start.py" in " ".join(process.cmdline())
    except psutil.Error:  # it has just ended
        return False


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Iterator[Office]:
    given = {}
    with database.write() as session:
        for name, role in {
            "supervisor": "operations_supervisor",
            "designer": "process_designer",
            "root": "administrator",
        }.items():
            people.create_person(session, name, roles=[role], now=NOW)
            given[name] = tokens.create_token(session, name, now=NOW)
    server = Server(tmp_path, database.url.render_as_string(hide_password=False))
    server.clock.write_text(NOW.isoformat())
    server.start()
    found = Office(server, given)
    models = {"decent": decent(), **{key: hostile(key, source) for key, source in HOSTILE.items()}}
    for key, model in models.items():
        found.ask(
            "designer", "POST", "/deployments", data={"name": key}, files=[("files", (f"{key}.bpmn", model))]
        )
    found.work()
    yield found
    server.stop()


ROUNDS = 3
"""Times that others do their work while hostile processes are started on and on."""
GUARD = 60.0
"""Seconds after which something hangs. Nothing here measures how fast this machine is."""


def beside(office: Office, hostile: str, clients: int) -> int:
    """Do decent work while so many others start a hostile process again and again; how many they started."""
    end, first = threading.Event(), threading.Barrier(clients + 1, timeout=GUARD)

    def attack() -> int:
        started = 0
        first.wait()
        while not end.is_set():
            office.start(hostile, "root")
            started += 1
        return started

    with ThreadPoolExecutor(clients) as threads:
        attacks = [threads.submit(attack) for _ in range(clients)]
        first.wait()
        try:
            for _ in range(ROUNDS):
                office.work()
            assert not any(one.done() for one in attacks)
        finally:
            end.set()
        return sum(one.result() for one in attacks)


@pytest.mark.parametrize("source", HOSTILE)
def test_others_are_served_while_hostile_processes_run(office: Office, source: str) -> None:
    assert beside(office, source, clients=4) >= 4
    gone = time.monotonic() + GUARD
    while len(office.workers()) > 2:  # those that were started under pressure
        assert time.monotonic() < gone
        time.sleep(0.05)


def test_each_hostile_instance_has_an_incident_that_names_its_element(office: Office) -> None:
    for source in HOSTILE:
        started = office.start(source, "root")
        incidents = office.ask("root", "GET", "/incidents", params={"limit": "100"})["items"]
        mine = [each for each in incidents if each["instance_id"] == started["instance_id"]]
        assert [each["element"] for each in mine] == ["here"]


def test_a_script_knows_nothing_of_the_servers_environment(office: Office) -> None:
    office.work()
    (worker, *_more) = office.workers()
    assert "PLANFLOW_HOME" in office.server.environment
    assert "PATH" in office.process().environ()
    assert not any(name.startswith("PLANFLOW") or name == "PATH" for name in worker.environ())


def test_no_worker_outlives_a_server_that_is_killed(office: Office) -> None:
    with ThreadPoolExecutor(2) as threads:
        lost = [threads.submit(office.start, source, "root") for source in ("endless", "built_in")]
        time.sleep(LIMIT / 2)  # in the middle of it
        workers = office.workers()
        assert workers
        office.server.stop(kill=True)
        answers = [one.exception() for one in lost]
    assert all(answer is None or isinstance(answer, httpx.HTTPError) for answer in answers)
    _gone, alive = psutil.wait_procs(workers, timeout=10 * LIMIT)
    assert not [w for w in alive if w.status() != psutil.STATUS_ZOMBIE]  # nobody here is their parent
    office.server.start()
    office.work()
