"""The engine as it is served: a database in a file, and for every command an engine that was started for it alone."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from engine import (
    SYSTEM,
    Command,
    CompleteTask,
    Conflict,
    CorrelateMessage,
    Database,
    Engine,
    NotFound,
    RetryIncident,
    RunJob,
    StartInstance,
)
from engine.sandbox import Sandbox
from engine.storage.tables import incident, instance, job, subscription, work_item
from tests.conftest import VERSION_LOCATIONS
from tests.engine.conftest import Clock, SmallCompany, actor
from tests.engine.laws.drawing import Node

ADMINISTRATOR = actor("administrator")
OPEN: Mapping[str, tuple[Table, Any]] = {
    "work": (work_item, work_item.c.status.in_(("open", "claimed"))),
    "timer": (job, None),
    "message": (subscription, None),
    "retry": (incident, incident.c.resolved_at.is_(None)),
}
"""Where it is kept what somebody outside can do."""


@dataclass(frozen=True)
class Seen:
    """How an instance stands: what waits for somebody outside, by element, and how many rows its state has."""

    status: str
    variables: dict[str, Any]
    waiting: Counter[tuple[str, str]]
    rows: int


class Served:
    """An instance of process ``p`` in a database of its own. Between commands nobody is there."""

    def __init__(self, file: Path, sandbox: Sandbox) -> None:
        self._file, self._sandbox, self._clock = file, sandbox, Clock()
        self._id = ""

    @contextmanager
    def _engine(self) -> Iterator[Engine]:
        """An engine that has just been started, at a later time."""
        self._clock.advance(seconds=1)
        database = Database(f"sqlite:///{self._file}", VERSION_LOCATIONS)
        try:
            yield Engine(database, lambda _: SmallCompany(), {}, clock=self._clock, sandbox=self._sandbox)
        finally:
            database.close()

    def deploy(self, file: bytes) -> None:
        """Raises NotDeployable for what would not work."""
        with self._engine() as engine:
            engine.deploy({"process.bpmn": file}, actor("designer"), "law")

    def start(self, variables: Mapping[str, Any]) -> None:
        with self._engine() as engine:
            self._id = engine.execute(StartInstance("p", variables), ADMINISTRATOR).instance_id

    def do(self, what: str, node: Node, place: int, values: Mapping[str, Any]) -> None:
        """Do one of the things that wait at a node, by age. Work and timers are over then, however often one tries."""
        row = self._row(what, node, place)
        if what == "message":
            self._execute(CorrelateMessage(row.name, {}, dict(values)))
        elif what == "retry":
            self._execute(RetryIncident(row.id))
        elif what == "work":
            self._once(CompleteTask(row.id, dict(values)))
        else:
            self._clock.now = max(self._clock.now, row.due_at)
            self._once(RunJob(row.id))

    def _once(self, command: Command) -> None:
        self._execute(command)
        with pytest.raises((Conflict, NotFound)):
            self._execute(command)

    def _execute(self, command: Command) -> None:
        with self._engine() as engine:
            engine.execute(command, SYSTEM if isinstance(command, RunJob) else ADMINISTRATOR)

    # What can be seen

    def seen(self) -> Seen:
        """Everything at once."""
        with self._engine() as engine, engine.database.read() as session:
            found = session.execute(select(instance).where(instance.c.id == self._id)).one()
            waiting = Counter((what, row.element) for what in OPEN for row in self._rows(session, what))
        rows = 0 if found.state is None else len(json.loads(found.state)["t"])
        return Seen(found.status, dict(found.variables), waiting, rows)

    def _rows(self, session: Session, what: str) -> list[Any]:
        """Rows of what waits, the oldest token first."""
        table, condition = OPEN[what]
        found = select(table).where(table.c.instance_id == self._id).order_by(table.c.token)
        return list(session.execute(found if condition is None else found.where(condition)))

    def _row(self, what: str, node: Node, place: int) -> Any:
        with self._engine() as engine, engine.database.read() as session:
            return [row for row in self._rows(session, what) if row.element == node.id][place]


def served(template: Path, folder: Path, sandbox: Sandbox) -> Served:
    """A company without a process: an empty database in a folder."""
    file = folder / "planflow.db"
    for old in folder.glob("planflow.db*"):
        old.unlink()
    shutil.copyfile(template, file)
    return Served(file, sandbox)
