"""The demonstration: every page has something to show, on whatever day it is loaded."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from engine import SYSTEM, Database, Engine
from engine.storage import tables as engine_tables
from plans import demo, evaluations, plans
from plans.demo.company import SUPERVISOR
from plans.operations import OPERATIONS
from plans.organisation import OrganisationDirectory, credentials, people
from plans.periods import annual, quarter_at
from plans.queries import PlanQueries

PROCESSES = Path(__file__).parents[2] / "processes"
KINDS = {".bpmn", ".dmn", ".form"}
MOMENT = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


@dataclass
class Parts:
    """An installation as the demonstration needs it."""

    database: Database
    engine: Engine


@contextmanager
def installed(database: Database) -> Iterator[Parts]:
    """An engine in which the processes that come with the product are deployed."""
    engine = Engine(database, OrganisationDirectory, OPERATIONS)
    try:
        for folder in sorted(PROCESSES.iterdir()):
            files = [file for file in folder.rglob("*") if file.suffix in KINDS]
            if files:
                named = {file.relative_to(folder).as_posix(): file.read_bytes() for file in files}
                engine.deploy(named, SYSTEM, folder.name)
        yield Parts(database, engine)
    finally:
        engine.services.sandbox.close()


def waiting(database: Database) -> dict[str, int]:
    item = engine_tables.work_item
    wanted = select(item.c.element, func.count()).where(item.c.status.in_(("open", "claimed")))
    with database.read() as session:
        return {row[0]: row[1] for row in session.execute(wanted.group_by(item.c.element))}


def test_the_demonstration_has_a_year_in_force_and_people_with_something_to_do(database: Database) -> None:
    with installed(database) as parts:
        demo.load(parts, MOMENT)
    assert waiting(database) == {
        "decide_shortage": 1,
        "management_approval": 1,
        "evaluate_change": 2,
        "review_last_quarter": 1,
        "confirm_month": 1,
    }
    with database.read() as session:
        for account in demo.ACCOUNTS:
            assert credentials.verify(session, account.name, demo.PASSWORD)
        year = plans.find_in_force(session, annual(2026), SUPERVISOR)
        assert year is not None
        supervisor = people.actor(session, SUPERVISOR)
        assert supervisor is not None
        detail = PlanQueries(session, supervisor).plan(year.id, today=MOMENT.date())
        assert len(detail.goals) >= 6
        assert {each.status for each in detail.goals} == {"on_target", "below_target", "warning"}
        assert min(len(each.readings) for each in detail.goals) == 22
        assert plans.find_in_force(session, quarter_at(MOMENT.date()), SUPERVISOR) is not None
        report = evaluations.latest(session, 2026, 4)
        assert report is not None
        assert report.reference == "2026-Q3"
        incidents = session.scalar(select(func.count()).select_from(engine_tables.incident))
        assert incidents == 0


def test_loading_the_demonstration_twice_changes_nothing(sqlite_database: Database) -> None:
    with installed(sqlite_database) as parts:
        demo.load(parts, MOMENT)
        with sqlite_database.counting() as counts:
            demo.load(parts, MOMENT)
    assert counts.statements == 1


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2027, 1, 1, 0, 30, tzinfo=UTC),
        datetime(2028, 2, 29, 12, 0, tzinfo=UTC),
        datetime(2026, 12, 31, 23, 0, tzinfo=UTC),
    ],
    ids=lambda moment: moment.date().isoformat(),
)
def test_the_demonstration_loads_on_any_day(sqlite_database: Database, moment: datetime) -> None:
    with installed(sqlite_database) as parts:
        demo.load(parts, moment)
    assert sum(waiting(sqlite_database).values()) == 6
    with sqlite_database.read() as session:
        latest = session.scalar(select(func.max(engine_tables.history.c.time)))
    assert latest is not None
    assert latest <= moment
