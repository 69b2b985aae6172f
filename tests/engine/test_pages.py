"""Lists page by page, and cursors that nobody was given."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from engine.cursors import fetch
from engine.errors import Invalid
from engine.queries import _BY_DUE, _BY_START
from engine.storage.database import Database
from tests.engine.reading import AUDITOR, STARTER, all_pages, asking, furnished, ids
from tests.engine.rows import START, add_instance, add_task, deploy


@pytest.fixture
def office(database: Database) -> Database:
    return furnished(database)


def test_pages_neither_repeat_nor_miss_when_rows_are_added_between(database: Database) -> None:
    with database.write() as session:
        plan = deploy(session)
        for number in range(7):
            add_instance(session, f"i{number}", plan, started_at=START + timedelta(minutes=number // 2))
    with asking(database, STARTER) as queries:
        first = queries.instances(limit=3)
    with database.write() as session:
        add_instance(session, "new", plan, started_at=START + timedelta(days=1))
    with asking(database, STARTER) as queries:
        rest = all_pages(lambda cursor: queries.instances(cursor=cursor or first.next_cursor, limit=2))
    assert ids(first) + rest == ["i6", "i5", "i4", "i3", "i2", "i1", "i0"]


def test_tasks_without_a_due_date_come_last_over_all_pages(database: Database) -> None:
    with database.write() as session:
        add_instance(session, "a", deploy(session))
        for number in range(9):
            due = START + timedelta(days=9 - number) if number % 3 else None
            add_task(session, f"t{number}", "a", due_at=due, created_at=START + timedelta(seconds=number))
    with asking(database, STARTER) as queries:
        found = all_pages(lambda cursor: queries.tasks(cursor=cursor, limit=2))
    assert found == ["t8", "t7", "t5", "t4", "t2", "t1", "t0", "t3", "t6"]


def test_a_full_last_page_has_no_cursor(office: Database) -> None:
    with asking(office, AUDITOR) as queries:
        assert queries.instances(limit=3).next_cursor is None
        assert queries.instances(limit=2).next_cursor is not None
        with pytest.raises(Invalid) as caught:
            queries.instances(limit=0)
    assert caught.value.fields[0].field == "limit"


BAD_CURSORS = [
    "",
    "x",
    "計劃",
    "!!!!",
    *(
        base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
        for text in (
            "null",
            "[]",
            "{}",
            '["due"]',
            '["started","2027-01-04T01:00:00","a"]',
            '["started","2027-01-04T01:00:00+00:00",7]',
            '["started","2027-01-04T01:00:00+00:00","a\\u0000"]',
            '["started","2027-01-04T01:00:00+00:00"]',
            '["started",{},"a"]',
            '["seq",1]',
            "[" * 5000,
        )
    ),
]


@pytest.mark.parametrize("cursor", BAD_CURSORS)
def test_a_cursor_that_was_not_given_is_refused(office: Database, cursor: str) -> None:
    with asking(office, AUDITOR) as queries, pytest.raises(Invalid) as caught:
        queries.instances(cursor=cursor)
    assert caught.value.fields[0].field == "cursor"


def test_a_cursor_of_another_list_is_refused(office: Database) -> None:
    with asking(office, AUDITOR) as queries:
        cursor = queries.instances(limit=1).next_cursor
        with pytest.raises(Invalid):
            queries.tasks(cursor=cursor)


@pytest.fixture(scope="module")
def reachable(sqlite_template: Any) -> Iterator[Database]:
    """A database that these tests only read."""
    database = Database(f"sqlite:///{sqlite_template}")
    yield database
    database.close()


@given(st.text(max_size=60))
def test_any_text_as_a_cursor_is_a_page_or_refused(reachable: Database, cursor: str) -> None:
    with reachable.read() as session:
        for order in (_BY_START, _BY_DUE):
            try:
                assert fetch(session, select(*order.columns), order, cursor, 1)[1] is None
            except Invalid as refused:
                fields = [problem.field for problem in refused.fields]
                assert fields == ["cursor"]
