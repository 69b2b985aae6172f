"""The timers of a database of the version before are jobs after the migration, and go on as they were."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from alembic import command
from sqlalchemy import JSON, Column, MetaData, Table, insert, text

from engine.jobs.rows import enqueue
from engine.storage.database import Database
from engine.storage.metadata import UtcDateTime
from engine.storage.tables import blob, deployment, instance, process_definition, resource
from tests.conftest import VERSION_LOCATIONS
from tests.engine.jobs.calling import jobs

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
BEFORE = Table(
    "timer",
    MetaData(),
    *(Column(name, UtcDateTime) for name in ("due_at", "lease_until", "tried_at")),
    *(
        Column(name)
        for name in ("id", "instance_id", "token", "element", "event", "definition_id", "element_name")
    ),
    *(Column(name) for name in ("condition", "answer", "attempts", "error")),
    Column("repeat", JSON),
)
"""The columns of the version before that matter here."""
OF_INSTANCES = {"instance_id": "i", "token": 4, "element": "wait", "event": 1, "repeat": {"every": "PT1H"}}
STARTS = {"definition_id": 1, "element": "s", "element_name": "Every day"}
TIMERS = (
    {"id": 3, "due_at": NOW, **OF_INSTANCES},
    {"id": 5, "due_at": NOW + timedelta(days=1), **STARTS},
    {
        "id": 9,
        "due_at": NOW,
        **STARTS,
        "condition": "stock < 10",
        "answer": True,
        "attempts": 2,
        "lease_until": NOW + timedelta(minutes=5),
        "tried_at": NOW,
        "error": "it broke",
    },
)


def at_revision(url: str, revision: str) -> Database:
    """The schema of an earlier version."""
    database = Database(url, VERSION_LOCATIONS)
    with database.engine.connect() as connection, connection.begin():
        command.upgrade(database._alembic(connection), revision)
    return database


def fill(database: Database) -> None:
    with database.write() as session:
        session.execute(insert(blob).values(sha256="1", content=b""))
        session.execute(insert(deployment).values(id="d", created_at=NOW, actor="a", name="n", sha256="1"))
        session.execute(insert(resource).values(deployment_id="d", name="p.bpmn", sha256="1"))
        session.execute(
            insert(process_definition).values(
                key="p", version=1, deployment_id="d", resource_name="p.bpmn", name="P", executable=True,
                created_at=NOW, starter_groups=[],
            )
        )  # fmt: skip
        session.execute(
            insert(instance).values(
                id="i", definition_id=1, process_key="p", title="T", starter="a", status="active", revision=1,
                variables={}, started_at=NOW, updated_at=NOW, history_seq=0, history_hash="",
            )
        )  # fmt: skip
        for timer in TIMERS:
            session.execute(insert(BEFORE).values(**timer))
        if not database.is_sqlite:  # which counts only the numbers that it has given itself
            session.execute(text("SELECT setval(pg_get_serial_sequence('timer', 'id'), 9)"))


@pytest.fixture
def upgraded(empty_database_url: str):
    database = at_revision(empty_database_url, "engine_0004")
    fill(database)
    database.upgrade()
    yield database
    database.close()


class Standing:
    """What `jobs` needs of an engine."""

    def __init__(self, database: Database) -> None:
        self.database = database


def test_each_timer_is_a_job_of_its_kind(upgraded):
    timed, starts, asked = jobs(Standing(upgraded))
    assert [(j.id, j.kind, j.status, j.attempts) for j in (timed, starts, asked)] == [
        (3, "timer", "due", 0),
        (5, "start_timer", "due", 0),
        (9, "start_condition", "due", 2),
    ]
    assert (timed.instance_id, timed.token, timed.element, timed.event) == ("i", 4, "wait", 1)
    assert (timed.repeat, timed.due_at, timed.try_at) == ({"every": "PT1H"}, NOW, NOW)
    assert (starts.definition_id, starts.element_name, starts.try_at) == (
        1,
        "Every day",
        NOW + timedelta(days=1),
    )
    assert (asked.condition, asked.answer, asked.error) == ("stock < 10", True, "it broke")
    assert (asked.due_at, asked.try_at) == (NOW, NOW + timedelta(minutes=5))


def test_no_number_is_given_a_second_time(upgraded):
    with upgraded.write() as session:
        assert enqueue(session, "note", {}, NOW) > 9


def test_the_way_back_keeps_the_timers(upgraded):
    with upgraded.engine.connect() as connection, connection.begin():
        command.downgrade(upgraded._alembic(connection), "engine_0004")
    with upgraded.read() as session:
        assert list(session.scalars(text("SELECT id FROM timer ORDER BY id"))) == [3, 5, 9]
    upgraded.upgrade()
    assert [j.kind for j in jobs(Standing(upgraded))] == ["timer", "start_timer", "start_condition"]
