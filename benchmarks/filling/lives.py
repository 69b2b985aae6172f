"""Lives of the process, lived by the engine on a clock of their own: ended well or early, or waiting somewhere."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import text

from benchmarks.filling.company import Cast, cast, people
from engine import SYSTEM, Actor, Database, Engine, NotFound
from engine.commands import ClaimTask, CompleteTask, SaveDraft, StartInstance, TerminateInstance
from plans.organisation import people as people_of
from plans.organisation.directory import OrganisationDirectory
from plans.scenarios.stage import PLAN_MIGRATIONS, arrange_people

MODEL = Path(__file__).parents[1] / "models" / "requests.bpmn"
PROCESS = "request"
BEGINNING = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
TABLES = ("instance", "history", "work_item", "work_item_candidate", "job", "incident")
"""What an instance leaves, in the order in which it may be written."""
ROUNDS = 5
ENDS = ("completed", "terminated", "incident", "write", "check", "claimed", "reminded", "approve")
"""How a life goes out: ended, or where it waits."""


@dataclass(frozen=True)
class Life:
    """What one instance has left: its rows as SQLite holds them, by table, and who took part.

    ``lasts`` is the time from its start to its last event, ``waits_until`` when it is to do something by itself.
    """

    end: str
    rounds: int
    began: datetime
    cast: Cast
    rows: Mapping[str, Sequence[Mapping[str, Any]]]
    lasts: timedelta
    waits_until: timedelta | None

    @property
    def events(self) -> int:
        """How many events of history."""
        return len(self.rows["history"])

    @property
    def over(self) -> bool:
        """Whether it has ended."""
        return self.end in ("completed", "terminated")


@cache
def lives(seed: int) -> tuple[Life, ...]:
    """One for each end, and for each number of times that it was sent back before. Lived once in a process."""
    return tuple(_lived(seed))


def _lived(seed: int) -> Iterator[Life]:
    with tempfile.TemporaryDirectory(prefix="planflow-lives-") as folder:
        database = Database(f"sqlite:///{folder}/lives.db", [PLAN_MIGRATIONS])
        database.upgrade()
        try:
            living = _Living(database, seed)
            for rounds in range(ROUNDS):
                for end in ENDS:
                    yield living.live(end, rounds)
        finally:
            living.engine.close()


class _Living:
    """One engine, one clock, and people who take their time."""

    def __init__(self, database: Database, seed: int) -> None:
        self.database = database
        self.engine = Engine(database, OrganisationDirectory, {}, clock=lambda: self.now)
        self.now = BEGINNING
        self._rolls = random.Random(seed)  # noqa: S311  nothing secret
        self._number = 0
        with database.write() as session:
            arrange_people(session, people(), {}, self.now)
        self.engine.deploy({"requests.bpmn": MODEL.read_bytes()}, SYSTEM, "requests")

    def live(self, end: str, rounds: int) -> Life:
        """One life."""
        self._number += 1
        self._cast = cast(self._number)
        began = self.now = BEGINNING
        variables = {"subject": "Subject", "amount": 1200, "share": 0 if end == "incident" else 4}
        started = self.engine.execute(
            StartInstance(PROCESS, variables, "key"), self._actor(self._cast.starter)
        )
        self._go_on(started.instance_id, end, rounds)
        return self._life(started.instance_id, end, rounds, began)

    def _go_on(self, instance: str, end: str, rounds: int) -> None:
        for turn in range(rounds):
            self._do(instance, "write", text="A few words about it " * 5, turn=turn)
            back = self._do(instance, "check", outcome="return" if turn % 2 else "pass")
            if back != "return":
                self._do(instance, "approve", outcome="return")
        if end in ("write", "terminated"):
            self._stop(instance, end)
            return
        self._do(instance, "write", text="A few words about it " * 5, turn=rounds)
        if end in ("check", "claimed", "reminded"):
            self._stop(instance, end)
            return
        self._do(instance, "check", outcome="pass")
        if end != "approve":
            self._do(instance, "approve", outcome="approve")

    def _stop(self, instance: str, end: str) -> None:
        self._pause()
        if end == "terminated":
            command = TerminateInstance(instance, "It is not wanted any more")
            self.engine.execute(command, self._actor(self._cast.starter))
        if end == "claimed":
            task, actor = self._task(instance), self._actor(self._cast.checker)
            self.engine.execute(ClaimTask(task), actor)
            self.engine.execute(SaveDraft(task, {"remark": "half written"}), actor)
        if end == "reminded":
            self.now += timedelta(days=31)
            self.engine.fire_due_timers()

    def _do(self, instance: str, element: str, outcome: str | None = None, **variables: Any) -> str | None:
        self._pause()
        doing = {"write": self._cast.starter, "check": self._cast.checker, "approve": self._cast.superior}
        comment = "Please say more about it" if outcome == "return" else None
        command = CompleteTask(self._task(instance), variables, outcome, comment)
        self.engine.execute(command, self._actor(doing[element]))
        return outcome

    def _pause(self) -> None:
        self.now += timedelta(seconds=self._rolls.uniform(600, 3 * 86_400))

    def _task(self, instance: str) -> str:
        with self.database.read() as session:
            (task,) = self.engine.queries(session, SYSTEM).instance(instance).tasks
        return task.id

    def _actor(self, name: str) -> Actor:
        with self.database.read() as session:
            found = people_of.actor(session, name)
        if found is None:
            raise NotFound("There is no %(name)s.", name=name)
        return found

    def _life(self, instance: str, end: str, rounds: int, began: datetime) -> Life:
        of_items = "SELECT id FROM work_item WHERE instance_id = :id"
        with self.database.read() as session:
            rows = {}
            for table in TABLES:
                key = {"instance": "id = :id", "work_item_candidate": f"work_item_id IN ({of_items})"}
                where = key.get(table, "instance_id = :id")
                found = session.execute(text(f"SELECT * FROM {table} WHERE {where}"), {"id": instance})  # noqa: S608
                rows[table] = [dict(row) for row in found.mappings()]
        due = [datetime.fromisoformat(row["due_at"]).replace(tzinfo=UTC) for row in rows["job"]]
        waits = min(due) - began if due else None
        return Life(end, rounds, began, self._cast, rows, self.now - began, waits)
