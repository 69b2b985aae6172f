"""An installation with webhooks on each database, and a receiver that is allowed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from engine import Actor, CompleteTask, Database, Engine, StartInstance
from engine.outgoing import AllowList, Outgoing, OutgoingSettings
from engine.sandbox import Sandbox
from engine.storage.tables import job
from tests.engine.conftest import Clock, SmallCompany, actor
from tests.engine.xml_text import bpmn, node, way
from tests.webhooks.receiver import Receiver, listening
from webhooks.outgoing import Choices, Chosen, Delivery, Endpoint, Webhooks

ADMINISTRATOR, SUPERVISOR = actor("administrator"), actor("supervisor")
AUDITOR = Actor("auditor", frozenset({"auditor"}), "Auditor")
START, END = node("startEvent", "s"), node("endEvent", "e")
TASK = bpmn(
    START
    + node("userTask", "a", planflow_candidateGroups="operations_supervisor", planflow_dueDate="PT1H")
    + node("userTask", "b", planflow_assignee="manager")
    + END
    + way("s", "a", "b", "e")
)
PUBLIC = "https://plans.example.com"


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    shared = Sandbox(workers=2)
    yield shared
    shared.close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with listening() as found:
        yield found


@dataclass
class House:
    """An engine with webhooks, on a clock that tests set. ``warned`` is what administrators were told."""

    database: Database
    engine: Engine
    webhooks: Webhooks
    clock: Clock
    warned: list[tuple[str, str]] = field(default_factory=list)

    def endpoint(self, url: str, **chosen: Any) -> tuple[Endpoint, str | None]:
        wanted = Chosen(**{"name": "ERP", "format": "standard", "url": url, **chosen})
        return self.webhooks.create(ADMINISTRATOR, wanted)

    def start(self, **more: Any) -> Any:
        return self.engine.execute(StartInstance("p", **more), SUPERVISOR)

    def complete(self, task_id: str, by: Actor = SUPERVISOR, **more: Any) -> Any:
        return self.engine.execute(CompleteTask(task_id, **more), by)

    def work(self) -> int:
        """Do all that is due."""
        return self.engine.fire_due_timers() + self.engine.work_off()

    def work_for(self, **how_long: float) -> None:
        """Let time pass, from one job to the next."""
        until = self.clock.now + timedelta(**how_long)
        while True:
            self.work()
            with self.database.read() as session:
                following = session.scalar(select(job.c.try_at).order_by(job.c.try_at).limit(1))
            if following is None or following > until:
                break
            self.clock.now = max(following, self.clock.now + timedelta(seconds=1))
        self.clock.now = until
        self.work()

    def deliveries(self, status: str | None = None) -> list[Delivery]:
        """Oldest first."""
        return list(reversed(self.webhooks.deliveries(ADMINISTRATOR, None, status, limit=200).items))


def furnish(
    database: Database,
    sandbox: Sandbox,
    clock: Callable[[], datetime],
    operations: dict[str, Any],
    key: str = "k",
) -> House:
    """An installation on this database."""
    outgoing = Outgoing(OutgoingSettings(allowed=AllowList.parse("127.0.0.1")))
    warned: list[tuple[str, str]] = []
    webhooks = Webhooks(
        database,
        Choices(key, outgoing, PUBLIC, ZoneInfo("Asia/Taipei"), timedelta(days=30)),
        lambda: clock(),
        lambda language, text, process: text if language == "en" or process else f"{language}:{text}",
        lambda _ctx, _id, name, why: warned.append((name, why)),
    )
    engine = Engine(
        database,
        lambda _session: SmallCompany(),
        operations,
        clock=lambda: clock(),
        sandbox=sandbox,
        jobs=webhooks.jobs,
        observers=[webhooks.observer],
    )
    webhooks.begin(engine.writing)
    return House(database, engine, webhooks, clock, warned)  # type: ignore[arg-type]


@pytest.fixture
def clock() -> Clock:
    """Signatures are checked against the time of the machine."""
    return Clock(datetime.now(UTC).replace(microsecond=0))


@pytest.fixture
def operations() -> dict[str, Any]:
    return {}


@pytest.fixture
def house(database: Database, sandbox: Sandbox, clock: Clock, operations: dict[str, Any]) -> House:
    found = furnish(database, sandbox, clock, operations)
    found.engine.deploy({"process.bpmn": TASK}, actor("designer"), "p")
    return found


__all__ = ["House", "furnish"]
