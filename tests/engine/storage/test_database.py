"""What the database handle promises on both databases."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError

from engine.storage import sqlite
from engine.storage.database import Database, DatabaseUnavailable
from engine.storage.json_text import Unstorable, to_json
from engine.storage.metadata import metadata
from engine.storage.tables import blob, idempotency
from tests.conftest import VERSION_LOCATIONS
from tests.engine.storage.parts import is_no_part

ROW = {"key": "k", "actor": "a", "command": "c", "fingerprint": "f", "created_at": datetime.now(UTC)}


def test_the_migrated_schema_is_the_declared_one(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_server_default": True, "include_name": is_no_part}
        )
        declared = {table.name for table in metadata.sorted_tables}
        found = compare_metadata(context, metadata)
    assert found == []
    assert {"instance", "history", "work_item"} <= declared


def test_upgrading_is_complete_and_repeatable(empty_database_url: str) -> None:
    database = Database(empty_database_url, VERSION_LOCATIONS)
    assert database.current_revisions() == frozenset()
    database.upgrade()
    before = database.current_revisions()
    database.upgrade()
    assert database.current_revisions() == before
    assert before
    database.close()


def test_servers_that_start_at_once_migrate_once(empty_database_url: str) -> None:
    handles = [Database(empty_database_url) for _ in range(6)]
    with ThreadPoolExecutor(6) as threads:
        list(threads.map(lambda handle: handle.upgrade(), handles))
    assert all(handle.is_current() for handle in handles)
    assert len({handle.current_revisions() for handle in handles}) == 1
    for handle in handles:
        handle.close()


def test_a_write_is_committed_at_the_end_and_whole(database: Database) -> None:
    with database.write() as session:
        session.execute(insert(blob).values(sha256="1", content=b"one"))
    with pytest.raises(IntegrityError), database.write() as session:
        session.execute(insert(blob), [{"sha256": name, "content": b"two"} for name in ("2", "2")])
    with database.read() as session:
        assert session.scalars(select(blob.c.sha256)).all() == ["1"]


def test_a_reader_cannot_write(database: Database) -> None:
    with pytest.raises(DBAPIError), database.read() as session:
        session.execute(insert(blob).values(sha256="1", content=b""))
    with database.write() as session:
        session.execute(insert(blob).values(sha256="1", content=b""))


def test_a_reader_sees_one_moment(database: Database) -> None:
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(blob)) == 0
        with database.write() as writing:
            writing.execute(insert(blob).values(sha256="1", content=b""))
        assert session.scalar(select(func.count()).select_from(blob)) == 0


def test_writers_of_sqlite_queue_instead_of_failing(sqlite_database: Database) -> None:
    def add(number: int) -> None:
        with sqlite_database.write() as session:
            seen = session.scalar(select(func.count()).select_from(blob))
            session.execute(insert(blob).values(sha256=f"{number}", content=str(seen).encode()))

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(add, range(40)))
    with sqlite_database.read() as session:
        seen = session.scalars(select(blob.c.content)).all()
    assert sorted(map(int, seen)) == list(range(40))


def test_a_writer_of_another_process_is_waited_for_and_then_reported(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "BUSY_TIMEOUT_SECONDS", 0.05)
    other = Database(sqlite_database.url)
    with (
        sqlite_database.write(),
        pytest.raises(DatabaseUnavailable, match="locked"),
        other.write(),
    ):
        raise AssertionError("both write at once")
    other.close()


def test_a_thread_that_waits_too_long_for_its_turn_is_told(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "BUSY_TIMEOUT_SECONDS", 0.05)
    said: list[str] = []

    def write() -> None:
        try:
            with sqlite_database.write():
                said.append("wrote")
        except DatabaseUnavailable as error:
            said.append(str(error))

    with sqlite_database.write():
        thread = threading.Thread(target=write)
        thread.start()
        thread.join()
    assert len(said) == 1
    assert "other writers did not finish in time" in said[0]


def test_sqlite_is_opened_durable_and_with_references_checked(sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        ask = {
            name: session.connection().exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert ask == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 15000}


def test_references_are_checked_again_after_a_migration(sqlite_database: Database) -> None:
    sqlite_database.upgrade()
    with sqlite_database.write() as session:
        assert session.connection().exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def test_statements_and_commits_are_counted(database: Database) -> None:
    with database.counting() as outer:
        with database.write() as session:
            session.execute(insert(blob), [{"sha256": f"{n}", "content": b""} for n in range(3)])
        with database.counting() as inner, database.read() as session:
            session.scalar(select(func.count()).select_from(blob))
    assert (inner.statements, inner.commits) == (1, 0)
    assert (outer.statements, outer.commits) == (2, 1)


def test_a_moment_comes_back_in_utc_to_the_microsecond(database: Database) -> None:
    taipei = datetime(2027, 1, 1, 7, 30, 0, 123456, tzinfo=timezone(timedelta(hours=8)))
    with database.write() as session:
        session.execute(insert(idempotency).values({**ROW, "result": {}, "created_at": taipei}))
    with database.read() as session:
        back = session.scalar(select(idempotency.c.created_at))
    assert back == taipei
    assert back is not None
    assert back.isoformat() == "2026-12-31T23:30:00.123456+00:00"


def test_the_two_hours_that_a_clock_shows_twice_are_kept_apart(database: Database) -> None:
    first = datetime(2027, 10, 31, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"))
    with database.write() as session:
        for key, moment in (("first", first), ("second", first.replace(fold=1))):
            session.execute(
                insert(idempotency).values({**ROW, "key": key, "result": {}, "created_at": moment})
            )
    with database.read() as session:
        kept = session.scalars(select(idempotency.c.created_at).order_by(idempotency.c.key)).all()
    assert [moment.hour for moment in kept] == [0, 1]


def test_a_moment_without_zone_is_refused(database: Database) -> None:
    with pytest.raises(StatementError, match="time zone"), database.write() as session:
        session.execute(insert(idempotency).values({**ROW, "result": {}, "created_at": datetime(2027, 1, 1)}))


def test_json_keeps_order_numbers_and_chinese(database: Database) -> None:
    value = {"zebra": 1e21, "a": 0.1, "指標": "達成率 🎯", "longer": [1.0, None, True, 2**53 - 1]}
    with database.write() as session:
        session.execute(insert(idempotency).values({**ROW, "result": value}))
    with database.read() as session:
        back = session.scalar(select(idempotency.c.result))
    assert repr(back) == repr(value)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "a\0b", {"k\0": 1}, "\ud800", [object()]])
def test_json_that_one_database_would_not_take_is_refused_by_both(database: Database, value: object) -> None:
    with pytest.raises(Unstorable), database.write() as session:
        session.execute(insert(idempotency).values({**ROW, "result": value}))


def test_a_backslash_that_only_looks_like_nul_is_kept() -> None:
    assert to_json("\\u0000") == '"\\\\u0000"'


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists))
def test_any_value_is_either_written_or_refused(value: object) -> None:
    try:
        written = to_json(value)
    except Unstorable:
        return
    assert written.encode()


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("nonsense", "not a database address"),
        ("mysql://host/name", "not supported"),
        ("sqlite:////no/such/folder/planflow.db", "unable to open"),
        ("postgresql://nobody:secret@127.0.0.1:1/none", "127.0.0.1"),
    ],
)
def test_an_unusable_address_is_said_in_plain_words(url: str, says: str) -> None:
    with pytest.raises(DatabaseUnavailable, match=says) as caught, Database(url).write():
        raise AssertionError("it opened")
    assert "secret" not in str(caught.value)


def test_a_database_in_memory_serves_readers_and_writers() -> None:
    database = Database("sqlite://")
    database.upgrade()
    with database.write() as session:
        session.execute(insert(blob).values(sha256="1", content=b"one"))
    with database.read() as session:
        assert session.scalar(select(blob.c.content)) == b"one"
    database.close()


def test_a_folder_with_a_percent_sign_is_a_folder(tmp_path: Path) -> None:
    folder = tmp_path / "100%"
    folder.mkdir()
    database = Database(f"sqlite:///{folder / 'planflow.db'}", [folder])
    database.upgrade()
    assert database.is_current()
    database.close()


def test_a_schema_of_a_later_version_is_left_alone(database: Database) -> None:
    with database.write() as session:
        session.execute(text("INSERT INTO alembic_version VALUES ('engine_9999')"))
    before = database.current_revisions()

    assert not database.is_current()
    with pytest.raises(DatabaseUnavailable, match="later version"):
        database.upgrade()
    assert database.current_revisions() == before
