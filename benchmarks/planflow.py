"""PlanFlow itself: commands given to the engine, and the same over HTTP to a server process of its own."""

from __future__ import annotations

import http.client
import json
import logging
import os
import re
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import structlog
from sqlalchemy import Text, cast, func, select

from benchmarks.installation import actor, environment, token
from benchmarks.shapes import START, Run, Shape, entered
from engine import SYSTEM, Actor, CompleteTask, StartInstance
from engine.storage.tables import instance
from web.app import create_app
from web.container import Container

Brought = TypeVar("Brought", bound=Run)

ROOT = Path(__file__).parent.parent
SERVES = re.compile(r"serves at (http://\S+)")
PATIENCE = 30.0
"""Seconds that the server has to begin and to end."""


class Service:
    """``Engine.execute`` with everything it does: permission, history, work items, one durable commit."""

    name = "PlanFlow"

    def __init__(self, container: Container) -> None:
        self._container = container
        self._actor = actor(container)

    def run_at(self, shape: Shape, steps: int, advance: Callable[[], None]) -> ServiceRun:
        """A new instance, brought so far by its own commands."""
        run = ServiceRun(self._container, self._actor, deployed(self._container, shape, steps))
        return _brought(run, steps, advance)


class ServiceRun:
    """An instance, commanded directly. Of several open tasks the one that waits longest is completed."""

    def __init__(self, container: Container, person: Actor, process: str) -> None:
        self._database, self._engine, self._actor = container.database, container.engine, person
        self._steps = 0
        started = self._engine.execute(StartInstance(process, START), person)
        self._instance, self._tasks = started.instance_id, deque(started.task_ids)

    def step(self) -> None:
        self._steps += 1
        command = CompleteTask(self._tasks.popleft(), entered(self._steps))
        self._tasks.extend(self._engine.execute(command, self._actor).task_ids)

    def stored(self) -> dict[str, int]:
        """Bytes that the instance's row holds of live state and of variables."""
        with self._database.read() as session:
            row = session.execute(_STORED.where(instance.c.id == self._instance)).one()
        return {"state_bytes": row.state, "variables_bytes": row.variables}


_STORED = select(
    func.length(instance.c.state).label("state"),
    func.length(cast(instance.c.variables, Text)).label("variables"),
)


def deployed(container: Container, shape: Shape, steps: int) -> str:
    """See that the process of a shape is there; returns its key."""
    key = shape.process(steps)
    container.engine.deploy({f"{key}.bpmn": shape.model(steps)}, SYSTEM, key)
    return key


Post = Callable[[str, dict[str, Any]], Any]
"""Posts a body to a path of the API and returns the answer's body; raises RuntimeError for an error."""


class Http:
    """``POST /api/v1/tasks/{id}/complete`` on a kept-alive connection, with a Bearer token."""

    name = "PlanFlow over HTTP"

    def __init__(self, container: Container, post: Post) -> None:
        self._container, self._post = container, post

    def run_at(self, shape: Shape, steps: int, advance: Callable[[], None]) -> HttpRun:
        """A new instance, brought so far by its own requests."""
        return _brought(HttpRun(self._post, deployed(self._container, shape, steps)), steps, advance)


class HttpRun:
    """An instance, commanded over HTTP."""

    def __init__(self, post: Post, process: str) -> None:
        self._post = post
        self._steps = 0
        started = post(f"/api/v1/processes/{process}/instances", {"variables": START})
        self._task = started["task_ids"][0]

    def through(self, post: Post) -> HttpRun:
        """The same instance, commanded by other means from now on."""
        self._post = post
        return self

    def step(self) -> None:
        self._steps += 1
        body = {"variables": entered(self._steps)}
        self._task = self._post(f"/api/v1/tasks/{self._task}/complete", body)["task_ids"][0]


def _brought(run: Brought, steps: int, advance: Callable[[], None]) -> Brought:
    for _ in range(steps):
        run.step()
        advance()
    return run


@dataclass(frozen=True)
class Served:
    """A server process and where it answers."""

    address: str
    pid: int


@contextmanager
def served(folder: Path) -> Iterator[Served]:
    """A server process on the installation in this folder; it ends with the block."""
    log = folder / "server.txt"
    with log.open("wb") as output:
        server = subprocess.Popen(
            [sys.executable, "-m", "web.cli", "serve", "--port", "0"],
            cwd=ROOT,
            env={**os.environ, **environment(folder)},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        yield Served(_address(server, log), server.pid)
    finally:
        _end(server)


@contextmanager
def posting(address: str, bearer: str) -> Iterator[Post]:
    """A client on one kept-alive connection, opened anew after a pause in which the server may have closed it."""
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=PATIENCE)
    headers = {"Authorization": f"Bearer {bearer}", "Content-Type": "application/json"}
    used = time.monotonic()

    def post(path: str, body: dict[str, Any]) -> Any:
        nonlocal used
        if time.monotonic() - used > PATIENCE:
            connection.close()
        used = time.monotonic()
        connection.request("POST", path, json.dumps(body).encode(), headers)
        answer = connection.getresponse()
        return _understood(answer.status, answer.read())

    try:
        yield post
    finally:
        connection.close()


def inside(container: Container) -> Post:
    """The same requests without a socket, answered in this process, so that their SQL can be counted."""
    # The log of requests would go to standard output, where the figures go.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    client = create_app(container.settings, container).test_client()
    headers = {"Authorization": f"Bearer {token(container)}"}

    def post(path: str, body: dict[str, Any]) -> Any:
        answer = client.post(path, json=body, headers=headers)
        return _understood(answer.status_code, answer.data)

    return post


def _understood(status: int, content: bytes) -> Any:
    if status >= 300:
        raise RuntimeError(f"{status}: {content.decode(errors='replace')[:500]}")
    return json.loads(content)


def _address(server: subprocess.Popen[bytes], log: Path) -> str:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and server.poll() is None:
        if found := SERVES.search(log.read_text()):
            return found.group(1)
        time.sleep(0.05)
    raise RuntimeError(f"The server did not begin:\n{log.read_text()}")


def _end(server: subprocess.Popen[bytes]) -> None:
    server.terminate()
    try:
        server.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
