"""History by month on PostgreSQL: every event lies in the part of its month, whenever that was made."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from alembic import command
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError

from engine import Database, Engine
from engine.commands import CompleteTask, StartInstance
from engine.copying import copy
from engine.history import verify
from engine.storage import partitions
from engine.storage.partitions import REST, Month
from tests.engine.conftest import Clock, SmallCompany, actor
from tests.engine.xml_text import bpmn, node, way

LATER = Clock(datetime(2041, 12, 31, 23, 59, 59, tzinfo=UTC))
"""A time whose month nobody makes beforehand."""
SUPERVISOR = actor("supervisor")
TWO_TASKS = bpmn(
    node("startEvent", "s")
    + node("userTask", "first", planflow_assignee="supervisor")
    + node("userTask", "second", planflow_assignee="supervisor")
    + node("endEvent", "e")
    + way("s", "first", "second", "e")
)


@pytest.fixture
def working(postgresql_database, sandbox) -> Engine:
    clock = Clock(LATER.now)
    engine = Engine(postgresql_database, lambda _: SmallCompany(), {}, clock=clock, sandbox=sandbox)
    deployed(engine)
    return engine


def deployed(engine: Engine) -> None:
    engine.deploy({"p.bpmn": TWO_TASKS}, actor("designer"), "test")


def in_parts(database: Database) -> dict[str, int]:
    """How many events each part has."""
    found = text("SELECT tableoid::regclass::text, count(*) FROM history GROUP BY 1")
    with database.read() as session:
        return {str(name): int(count) for name, count in session.execute(found)}


def chains_hold(database: Database) -> bool:
    with database.read() as session:
        return list(verify(session)) == []


def go_on(engine: Engine) -> None:
    with engine.database.read() as session:
        item = session.scalar(text("SELECT id FROM work_item WHERE status = 'claimed'"))
    engine.execute(CompleteTask(item), SUPERVISOR)


def test_a_new_database_has_this_month_and_the_next_three(postgresql_database: Database) -> None:
    with postgresql_database.read() as session:
        assert partitions.missing(session, partitions.from_now_on(datetime.now(UTC))) == []
        assert partitions.missing(session, [Month(2041, 12)]) == [Month(2041, 12)]


def test_an_event_without_a_month_is_kept_and_moved_when_its_month_is_made(working: Engine) -> None:
    working.execute(StartInstance("p"), SUPERVISOR)
    before = in_parts(working.database)
    assert list(before) == [REST]
    working.ensure_standing_jobs()
    assert working.fire_due_timers() == 1
    assert in_parts(working.database) == {"history_2041_12": before[REST]}
    assert chains_hold(working.database)
    working.clock.now = datetime(2042, 1, 1, 0, 0, tzinfo=UTC)  # type: ignore[attr-defined]
    go_on(working)
    assert chains_hold(working.database)
    assert in_parts(working.database).keys() == {"history_2041_12", "history_2042_01"}


def test_months_are_made_every_day_before_they_begin(working: Engine) -> None:
    working.ensure_standing_jobs()
    working.fire_due_timers()
    with working.database.read() as session:
        assert partitions.missing(session, [Month(2042, 3), Month(2042, 4)]) == [Month(2042, 4)]
    working.clock.now = datetime(2042, 1, 2, tzinfo=UTC)  # type: ignore[attr-defined]
    assert working.fire_due_timers() == 1
    with working.database.read() as session:
        assert partitions.missing(session, [Month(2042, 4)]) == []


def test_a_month_is_not_made_while_a_command_runs_and_is_made_the_next_time(
    working: Engine, monkeypatch
) -> None:
    monkeypatch.setattr(partitions, "_PATIENCE", "50ms")
    working.execute(StartInstance("p"), SUPERVISOR)
    with working.database.write() as busy:
        busy.execute(text("UPDATE instance SET title = title"))
        with pytest.raises(OperationalError), working.database.write() as session:
            partitions.make(session, [Month(2041, 12)])
    assert list(in_parts(working.database)) == [REST]
    with working.database.write() as session:
        partitions.make(session, [Month(2041, 12)])
    assert list(in_parts(working.database)) == ["history_2041_12"]


def test_a_command_needs_no_part_but_that_of_its_month(working: Engine) -> None:
    """A month is made while the rest is locked, and commands go on meanwhile."""
    working.ensure_standing_jobs()
    working.fire_due_timers()
    working.execute(StartInstance("p"), SUPERVISOR)
    before = in_parts(working.database)
    with working.database.write() as session:
        session.execute(text("LOCK TABLE history_rest IN ACCESS EXCLUSIVE MODE"))
        go_on(working)
    after = in_parts(working.database)
    assert before.keys() == after.keys() == {"history_2041_12"}
    assert before["history_2041_12"] < after["history_2041_12"]


def test_what_was_there_before_the_migration_lies_in_its_months_after_it(working: Engine) -> None:
    database = working.database
    working.execute(StartInstance("p"), SUPERVISOR)
    events = sum(in_parts(database).values())
    with database.engine.connect() as connection, connection.begin():
        command.downgrade(database._alembic(connection), "engine_0007-1")
    assert in_parts(database) == {"history": events}
    database.upgrade()
    assert in_parts(database) == {"history_2041_12": events}
    working.execute(StartInstance("p"), SUPERVISOR)
    assert in_parts(database) == {"history_2041_12": 2 * events}
    assert chains_hold(database)


def test_a_copy_from_sqlite_lies_in_months(
    sqlite_database: Database, postgresql_database: Database, sandbox
) -> None:
    clock = Clock(datetime(2019, 2, 28, 12, 0, tzinfo=UTC))
    engine = Engine(sqlite_database, lambda _: SmallCompany(), {}, clock=clock, sandbox=sandbox)
    deployed(engine)
    engine.execute(StartInstance("p"), SUPERVISOR)
    clock.advance(days=1)
    engine.execute(StartInstance("p"), SUPERVISOR)
    copy(sqlite_database, postgresql_database)
    assert in_parts(postgresql_database).keys() == {"history_2019_02", "history_2019_03"}
    assert chains_hold(postgresql_database)


def test_an_event_that_refers_to_no_instance_is_refused_in_every_part(working: Engine) -> None:
    working.ensure_standing_jobs()
    working.fire_due_timers()
    working.execute(StartInstance("p"), SUPERVISOR)
    for change in (
        "UPDATE history SET instance_id = 'nobody'",
        "UPDATE history_2041_12 SET instance_id = 'nobody'",
    ):
        with pytest.raises(IntegrityError), working.database.write() as session:
            session.execute(text(change))
