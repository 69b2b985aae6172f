"""An engine on each database, with a small company around it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from engine import Actor, Database, Engine, Person
from engine.sandbox import Sandbox
from engine.simulation import Trial, try_file

PEOPLE = {
    "supervisor": Person("supervisor", "Supervisor", frozenset({"operations_supervisor"}), "superior"),
    "superior": Person("superior", "Superior", frozenset({"superior"}), "manager"),
    "second_superior": Person("second_superior", "Second superior", frozenset({"superior"})),
    "manager": Person("manager", "Manager", frozenset({"management"})),
    "member": Person("member", "Member", frozenset({"team_member"}), "supervisor"),
    "designer": Person("designer", "Designer", frozenset({"process_designer"})),
    "administrator": Person("administrator", "Administrator", frozenset({"administrator"})),
}


class SmallCompany:
    """A directory without a table."""

    def person(self, user: str) -> Person | None:
        return PEOPLE.get(user)

    def members(self, group: str) -> list[str]:
        return sorted(p.name for p in PEOPLE.values() if group in p.groups)


def actor(name: str) -> Actor:
    return Actor(name, PEOPLE[name].groups, PEOPLE[name].display_name)


@dataclass
class Clock:
    """A clock that tests set."""

    now: datetime = field(default_factory=lambda: datetime(2026, 3, 2, 9, 0, tzinfo=UTC))

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **how_far: float) -> None:
        self.now += timedelta(**how_far)


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    shared = Sandbox(workers=2)
    yield shared
    shared.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def operations() -> dict[str, Callable[..., Mapping[str, Any]]]:
    """Tests add what their service tasks call."""
    return {}


@pytest.fixture
def engine(database: Database, sandbox: Sandbox, clock: Clock, operations: dict[str, Any]) -> Engine:
    def company(session: Session) -> SmallCompany:
        return SmallCompany()

    return Engine(database, company, operations, clock=clock, sandbox=sandbox)


@pytest.fixture
def deploy(engine: Engine) -> Callable[..., Any]:
    """Deploys a BPMN file (and files beside it) as the process designer."""

    def run(content: bytes, **beside: bytes) -> Any:
        files = {"process.bpmn": content, **{k.replace("__", "."): v for k, v in beside.items()}}
        return engine.deploy(files, actor("designer"), "test")

    return run


@pytest.fixture
def trial(tmp_path: Path, sandbox: Sandbox) -> Callable[..., Trial]:
    """Runs a BPMN file in memory."""

    def run(
        content: bytes, data: dict[str, Any] | None = None, answers: dict[str, Any] | None = None
    ) -> Trial:
        file = tmp_path / "process.bpmn"
        file.write_bytes(content)
        return try_file(file, data=data, answers=answers, sandbox=sandbox)

    return run


def names(trial: Trial, event: str = "completed") -> list[str]:
    """Ids of the elements with this event, in order."""
    return [step["element"] for step in trial.trace if step["event"] == event]
