"""Prepared statements do what the session does with the same statement, in the same transaction."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from engine.storage.database import Database
from engine.storage.json_text import Unstorable
from engine.storage.prepared import Prepared, savepoint
from engine.storage.tables import idempotency

NAMES = ("key", "actor", "command", "fingerprint", "result", "created_at")
ADD = Prepared(insert(idempotency), columns=NAMES)
OF_KEY = Prepared(select(idempotency).where(idempotency.c.key == bindparam("wanted")))
OF_ANNA = Prepared(
    select(idempotency.c.key)
    .where(idempotency.c.actor == "anna", idempotency.c.command != bindparam("other"))
    .order_by(idempotency.c.key)
    .limit(2)
)
RENAME = Prepared(update(idempotency).where(idempotency.c.key == bindparam("wanted")), columns=["command"])
NOON = datetime(2027, 3, 31, 12, tzinfo=UTC)


def row(key: str, actor: str = "anna") -> dict[str, object]:
    result = {"name": "計劃", "amount": 1.5, "none": None}
    values = (key, actor, "Start", "f", result, NOON)
    return dict(zip(NAMES, values, strict=True))


def test_what_is_written_is_read_back_by_the_session_and_the_other_way_round(database: Database) -> None:
    with database.write() as session:
        ADD.run(session, row("1"))
        session.execute(insert(idempotency).values(**row("2")))
        by_session = session.execute(select(idempotency).where(idempotency.c.key == "1")).one()
        prepared = OF_KEY.first(session, wanted="2")
    assert by_session._asdict() == row("1")
    assert prepared._asdict() == row("2")
    assert prepared.created_at == NOON


def test_many_rows_are_one_statement_and_each_statement_is_counted(database: Database) -> None:
    with database.counting() as counts, database.write() as session:
        ADD.run_many(session, [row(str(number)) for number in range(5)])
        assert OF_KEY.first(session, wanted="9") is None
    assert (counts.statements, counts.commits) == (2, 1)


def test_fixed_and_named_values_and_a_limit_go_together(database: Database) -> None:
    with database.write() as session:
        ADD.run_many(session, [row("3"), row("1"), row("2"), row("0", actor="bo")])
        assert [found.key for found in OF_ANNA.all(session, other="End")] == ["1", "2"]
        assert OF_ANNA.all(session, other="Start") == []


def test_a_change_says_how_many_rows_it_concerned(database: Database) -> None:
    with database.write() as session:
        ADD.run(session, row("1"))
        assert RENAME.run(session, {"wanted": "1", "command": "End"}) == 1
        assert RENAME.run(session, {"wanted": "2", "command": "End"}) == 0
        assert OF_KEY.first(session, wanted="1").command == "End"


def test_what_the_driver_refuses_is_told_as_the_session_tells_it_and_undone(database: Database) -> None:
    with pytest.raises(IntegrityError), database.write() as session:
        ADD.run_many(session, [row("1"), row("1")])
    with database.read() as session:
        assert OF_KEY.first(session, wanted="1") is None


def test_what_cannot_be_stored_is_refused_as_by_the_session(database: Database) -> None:
    with pytest.raises(Unstorable), database.write() as session:
        ADD.run(session, row("1") | {"result": float("nan")})


def test_a_value_that_is_missing_is_named(database: Database) -> None:
    with pytest.raises(KeyError, match="wanted"), database.read() as session:
        OF_KEY.first(session)


def test_a_list_of_values_is_not_prepared(database: Database) -> None:
    among = Prepared(select(idempotency).where(idempotency.c.key.in_(bindparam("keys", expanding=True))))
    with pytest.raises(TypeError, match="list"), database.read() as session:
        among.first(session, keys=["1"])


def write_and_fail(session: Session) -> None:
    with savepoint(session):
        session.execute(delete(idempotency))
        ADD.run(session, row("2"))
        with savepoint(session):
            ADD.run(session, row("3"))
        raise LookupError


def test_a_savepoint_undoes_what_was_written_in_it_and_nothing_else(database: Database) -> None:
    with database.write() as session:
        ADD.run(session, row("1"))
        with pytest.raises(LookupError):
            write_and_fail(session)
        with savepoint(session):
            ADD.run(session, row("4"))
    with database.read() as session:
        assert list(session.scalars(select(idempotency.c.key).order_by(idempotency.c.key))) == ["1", "4"]
