"""Which troubles with the database pass by themselves, told by real ones."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError

from engine import Conflict, Invalid
from engine.storage import sqlite
from engine.storage.database import Database, DatabaseUnavailable
from engine.storage.passing import passes
from engine.storage.tables import blob


def put(database: Database, *names: str) -> None:
    with database.write() as session:
        session.execute(insert(blob), [{"sha256": name, "content": b""} for name in names])


def test_somebody_who_was_first_is_passing_and_wrong_input_is_not() -> None:
    assert passes(Conflict("changed"))
    assert passes(DatabaseUnavailable("away"))
    assert not passes(Invalid("wrong"))
    assert not passes(ValueError("wrong"))


def test_a_file_that_another_process_writes_is_passing(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "BUSY_TIMEOUT_SECONDS", 0.05)
    other = Database(sqlite_database.url)
    with sqlite_database.write(), pytest.raises(DatabaseUnavailable) as locked, other.write():
        raise AssertionError("both write at once")
    assert passes(locked.value)
    other.close()


def test_what_the_schema_refuses_is_not_passing(database: Database) -> None:
    put(database, "1")
    with pytest.raises(DBAPIError) as twice:
        put(database, "1")
    assert not passes(twice.value)
    with pytest.raises(DBAPIError) as missing, database.read() as session:
        session.execute(text("SELECT * FROM nothing"))
    assert not passes(missing.value)


def test_a_deadlock_is_passing(postgresql_database: Database) -> None:
    put(postgresql_database, "1", "2")
    both_have_one, raised = threading.Barrier(2), []

    def lock(first: str, second: str) -> None:
        try:
            with postgresql_database.write() as session:
                _lock(session, first)
                both_have_one.wait(10)
                _lock(session, second)
        except DBAPIError as error:
            raised.append(error)

    threads = [threading.Thread(target=lock, args=order) for order in (("1", "2"), ("2", "1"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    [deadlock] = raised
    assert passes(deadlock)


def _lock(session: Any, name: str) -> None:
    session.execute(select(blob.c.sha256).where(blob.c.sha256 == name).with_for_update())


def cut_off(database: Database) -> None:
    """Have the server end the connection in the middle of a transaction."""
    with database.write() as session:
        number = session.scalar(text("SELECT pg_backend_pid()"))
        with database.write() as other:
            other.execute(text("SELECT pg_terminate_backend(:number)"), {"number": number})
        session.execute(text("SELECT 1"))


def test_a_connection_that_is_cut_is_passing(postgresql_database: Database) -> None:
    with pytest.raises(DBAPIError) as cut:
        cut_off(postgresql_database)
    assert passes(cut.value)
    put(postgresql_database, "1")


def overfill(database: Database) -> None:
    """Write more than the file may hold."""
    with database.write() as session:
        session.connection().exec_driver_sql("PRAGMA max_page_count = 1")  # at least as many as there are
        session.execute(insert(blob), {"sha256": "2", "content": bytes(1 << 20)})


def test_a_full_disk_is_passing_and_nothing_of_the_transaction_remains(sqlite_database: Database) -> None:
    put(sqlite_database, "1")
    with pytest.raises(DBAPIError) as full:
        overfill(sqlite_database)
    assert passes(full.value)
    sqlite_database.close()
    with sqlite_database.read() as session:
        assert list(session.scalars(select(blob.c.sha256))) == ["1"]
    put(sqlite_database, "2")


def test_a_database_that_takes_no_more_connections_is_passing(postgresql_database: Database) -> None:
    with pytest.raises(DBAPIError) as refused, postgresql_database.write() as session:
        session.execute(text("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '53300'; END $$"))
    assert passes(refused.value)
