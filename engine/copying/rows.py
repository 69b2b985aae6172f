"""The rows of a table in a form that does not depend on the database, in batches and in one order."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ColumnElement, Row, String, Table, Text, cast, collate, insert, select
from sqlalchemy.orm import Session

from engine.storage.json_text import JsonText

BATCH = 1000
"""Rows that are in memory at once."""

Values = tuple[Any, ...]


def read(session: Session, table: Table) -> Iterator[Values]:
    """All rows, ordered by their key, byte by byte, whatever the database sorts by otherwise. JSON as its text."""
    query = select(*map(_readable, table.columns)).order_by(*_order(session, table))
    for row in session.execute(query.execution_options(yield_per=BATCH)):
        yield _values(table, row)


def write(session: Session, table: Table, rows: Sequence[Values]) -> None:
    """Put rows in as they were read."""
    names = [column.key for column in table.columns]
    session.execute(insert(table), [dict(zip(names, row, strict=True)) for row in rows])


def canonical(table: Table, row: Values) -> bytes:
    """What is the same for a row in every database: JSON whose spelling the database keeps letter by letter, other
    JSON (PostgreSQL's JSONB) by its meaning, moments in UTC."""
    pairs = zip(table.columns, row, strict=True)
    said = [_said(column.type, value) for column, value in pairs]
    return json.dumps(said, ensure_ascii=True, separators=(",", ":")).encode()


def key_of(table: Table, row: Values) -> str:
    """The key of a row, for people."""
    pairs = zip(table.columns, row, strict=True)
    return ", ".join(f"{column.name} {value}" for column, value in pairs if column.primary_key)


def _readable(column: ColumnElement[Any]) -> ColumnElement[Any]:
    return cast(column, Text).label(column.key) if isinstance(column.type, JSON) else column


def _values(table: Table, row: Row[Any]) -> Values:
    return tuple(
        JsonText(value) if value is not None and isinstance(column.type, JSON) else value
        for column, value in zip(table.columns, row, strict=True)
    )


def _order(session: Session, table: Table) -> list[ColumnElement[Any]]:
    plain = "C" if session.get_bind().dialect.name == "postgresql" else "BINARY"
    return [
        collate(column, plain) if isinstance(column.type, String) else column
        for column in table.primary_key.columns
    ]


def _said(kind: Any, value: Any) -> Any:
    if isinstance(value, JsonText):
        return _meant(value) if _is_searched(kind) else str(value)
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    if isinstance(value, datetime):
        return value.isoformat(timespec="microseconds")
    return value.isoformat() if isinstance(value, date) else value


def _is_searched(kind: JSON) -> bool:
    """Whether PostgreSQL keeps it as JSONB, which has neither order nor spelling."""
    return bool(kind._variant_mapping)


def _meant(value: str) -> str:
    return json.dumps(json.loads(value, parse_float=_number), sort_keys=True)


def _number(text: str) -> float | int:
    number = float(text)
    return int(number) if number.is_integer() else number
