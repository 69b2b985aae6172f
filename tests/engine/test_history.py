"""The chain of history verifies exactly as long as nobody has touched it."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from engine.history import EMPTY, Event, append, recorded, verify
from engine.storage.database import Database
from engine.storage.json_text import Unstorable
from engine.storage.tables import history, instance
from tests.engine.rows import START, add_instance, deploy, record

LOOKS_LIKE: list[tuple[str, str | None, dict[str, Any]]] = [
    ("instance.started", None, {}),
    ("element.entered", "review", {"token": 1, "type": "userTask"}),
    (
        "variables.set",
        "review",
        {"指標": {"before": None, "after": 0.1}, "big": {"before": 1e21, "after": 2**80}},
    ),
    ("flow.taken", None, {"flow": "to_end"}),
]


@pytest.fixture
def recorded_database(database: Database) -> Database:
    """Two instances with a history each."""
    with database.write() as session:
        definition = deploy(session)
        for name in ("one", "two"):
            record(session, add_instance(session, name, definition), *LOOKS_LIKE)
    return database


def broken(database: Database, instance_id: str | None = None) -> list[tuple[str, int]]:
    with database.read() as session:
        return [(found.instance_id, found.seq) for found in verify(session, instance_id)]


def event(payload: Any, **values: Any) -> Event:
    return Event(
        **{"time": START, "actor": "a", "kind": "variables.set", "definition_id": 1, "payload": payload}
        | values
    )


def test_an_untouched_history_verifies(recorded_database: Database) -> None:
    assert broken(recorded_database) == []
    with recorded_database.read() as session:
        assert session.scalar(select(func.count()).select_from(history)) == 8


def test_events_are_numbered_and_linked(recorded_database: Database) -> None:
    with recorded_database.read() as session:
        rows = session.execute(
            select(history).where(history.c.instance_id == "one").order_by(history.c.seq)
        ).all()
        end = session.execute(select(instance).where(instance.c.id == "one")).one()
    assert [row.seq for row in rows] == [1, 2, 3, 4]
    assert [row.previous_hash for row in rows] == ["", *[row.hash for row in rows[:-1]]]
    assert (end.history_seq, end.history_hash) == (4, rows[-1].hash)


def test_the_hash_is_that_of_the_standards(recorded_database: Database) -> None:
    with recorded_database.read() as session:
        row = session.execute(select(history).where(history.c.instance_id == "one", history.c.seq == 2)).one()
    by_hand = {
        "actor": row.actor,
        "definition_id": row.definition_id,
        "element": "review",
        "element_name": "Review",
        "instance_id": "one",
        "kind": "element.entered",
        "on_behalf_of": None,
        "payload": {"token": 1, "type": "userTask"},
        "previous_hash": row.previous_hash,
        "seq": 2,
        "time": "2027-01-04T01:00:01.000000Z",
    }
    text = json.dumps(by_hand, separators=(",", ":"))
    assert row.hash == hashlib.sha256(text.encode()).hexdigest()


def test_many_events_are_written_in_one_statement(database: Database) -> None:
    with database.write() as session:
        definition = deploy(session)
        add_instance(session, "one", definition)
        with database.counting() as counts:
            append(session, "one", EMPTY, [event({}, definition_id=definition)] * 50)
        assert counts.statements == 1
        with database.counting() as counts:
            assert append(session, "one", EMPTY, []) == EMPTY
        assert counts.statements == 0


CHANGES = {
    "time": START - timedelta(microseconds=1),
    "actor": "somebody_else",
    "on_behalf_of": "superior",
    "kind": "element.completed",
    "element": "other",
    "element_name": "Other",
    "payload": {"token": 2},
    "previous_hash": "0" * 64,
    "hash": "f" * 64,
}


@pytest.mark.parametrize("column", CHANGES)
def test_a_changed_column_breaks_the_chain(recorded_database: Database, column: str) -> None:
    with recorded_database.write() as session:
        session.execute(
            update(history)
            .where(history.c.instance_id == "one", history.c.seq == 2)
            .values({column: CHANGES[column]})
        )
    assert ("one", 2) in broken(recorded_database)
    assert {name for name, _ in broken(recorded_database)} == {"one"}
    assert broken(recorded_database, "two") == []


def test_a_missing_event_in_the_middle_is_found(recorded_database: Database) -> None:
    with recorded_database.write() as session:
        session.execute(delete(history).where(history.c.instance_id == "one", history.c.seq == 2))
    assert ("one", 3) in broken(recorded_database, "one")


def test_a_tail_cut_off_is_found(recorded_database: Database) -> None:
    with recorded_database.write() as session:
        session.execute(delete(history).where(history.c.instance_id == "one", history.c.seq == 4))
    assert broken(recorded_database) == [("one", 3)]


def test_a_history_removed_whole_is_found(recorded_database: Database) -> None:
    with recorded_database.write() as session:
        session.execute(delete(history).where(history.c.instance_id == "two"))
    assert broken(recorded_database) == [("two", 0)]


def test_an_event_moved_to_another_instance_is_found(recorded_database: Database) -> None:
    with recorded_database.write() as session:
        add_instance(session, "three", deploy(session))
        session.execute(
            update(history)
            .where(history.c.instance_id == "one", history.c.seq == 1)
            .values(instance_id="three")
        )
    assert {name for name, _ in broken(recorded_database)} == {"one", "three"}


def test_events_whose_instance_was_removed_are_found(sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        record(session, add_instance(session, "one", deploy(session)), *LOOKS_LIKE)
    with sqlite_database.engine.connect() as connection:
        raw: Any = connection.connection.driver_connection
        raw.execute("PRAGMA foreign_keys = OFF")
        connection.execute(delete(instance))
        connection.commit()
        raw.execute("PRAGMA foreign_keys = ON")
    assert broken(sqlite_database) == [("one", 0)]
    assert broken(sqlite_database, "one") == [("one", 0)]


def test_history_keeps_the_two_hours_apart_that_a_clock_shows_twice() -> None:
    first = datetime(2027, 10, 31, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"))
    told = recorded([first, first.replace(fold=1)])
    assert told == ["2027-10-31T00:30:00.000000Z", "2027-10-31T01:30:00.000000Z"]


def test_verifying_takes_two_statements_however_long_the_history(recorded_database: Database) -> None:
    with recorded_database.write() as session:
        record(session, "one", *LOOKS_LIKE * 300)
    with recorded_database.counting() as counts:
        assert broken(recorded_database) == []
    assert counts.statements == 2


def test_values_are_kept_so_that_every_reader_of_json_reads_the_same() -> None:
    taipei = timezone(timedelta(hours=8))
    value = {
        "moment": datetime(2027, 1, 1, 7, 30, tzinfo=taipei),
        "day": date(2027, 1, 1),
        "money": Decimal("10.10"),
        "pair": (1, True, None),
        "exact": 2**53 - 1,
        "huge": -(2**53),
    }
    assert recorded(value) == {
        "moment": "2026-12-31T23:30:00.000000Z",
        "day": "2027-01-01",
        "money": "10.10",
        "pair": [1, True, None],
        "exact": 9007199254740991,
        "huge": "-9007199254740992",
    }


@pytest.mark.parametrize(
    "payload",
    [{"x": float("nan")}, {"x": float("-inf")}, {"x": object()}, {"x": "\ud800"}, {"x": "\0"}, {1: "x"}],
)
def test_what_is_not_json_is_refused_and_nothing_written(database: Database, payload: Any) -> None:
    with database.write() as session:
        definition = deploy(session)
        add_instance(session, "one", definition)
    with pytest.raises(Unstorable), database.write() as session:
        append(
            session,
            "one",
            EMPTY,
            [event({}, definition_id=definition), event(payload, definition_id=definition)],
        )
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(history)) == 0


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
PAYLOADS = st.lists(st.dictionaries(TEXT, VALUES, max_size=3), min_size=1, max_size=5)


def rewrite(session: Session, payloads: list[Any]) -> None:
    session.execute(delete(history))
    session.execute(update(instance).values(history_seq=0, history_hash=""))
    record(session, "one", *[("variables.set", None, payload) for payload in payloads])


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(payloads=PAYLOADS, place=st.integers(min_value=0), other=VALUES)
def test_a_chain_verifies_if_and_only_if_it_is_untouched(
    chain_database: Database, payloads: list[Any], place: int, other: Any
) -> None:
    seq = place % len(payloads) + 1
    changed = recorded({**payloads[seq - 1], "other": other})
    with chain_database.write() as session:
        rewrite(session, payloads)
    assert broken(chain_database) == []
    with chain_database.write() as session:
        session.execute(update(history).where(history.c.seq == seq).values(payload=changed))
    touched = changed != recorded(payloads[seq - 1])
    assert broken(chain_database) == ([("one", seq)] if touched else [])


@pytest.fixture
def chain_database(database: Database) -> Database:
    """An instance without history."""
    with database.write() as session:
        add_instance(session, "one", deploy(session))
    return database


def test_a_forged_event_at_the_end_is_found(recorded_database: Database) -> None:
    with recorded_database.write() as session:
        row = dict(session.execute(select(history).where(history.c.seq == 4).limit(1)).one()._mapping)
        forged = row | {"seq": 5, "previous_hash": row["hash"], "time": datetime.now(UTC)}
        session.execute(insert(history).values(forged))
    assert (row["instance_id"], 5) in broken(recorded_database)
