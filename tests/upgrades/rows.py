"""The rows of a SQLite file as JSON, what has changed in them, and how they are put into a database again.

Values are those that SQLite holds: moments and JSON are texts, truths are 0 and 1. Bytes that are text stand as
``{"text": "…"}``, others as ``{"base64": "…"}``.
"""

from __future__ import annotations

import base64
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

Row = list[Any]
Key = tuple[Any, ...]
NUMBERS = "sqlite_sequence"
"""SQLite's own table of the numbers given last."""


@dataclass(frozen=True)
class Table:
    """``key`` are places of columns."""

    name: str
    columns: tuple[str, ...]
    key: tuple[int, ...]

    def key_of(self, row: Row) -> Key:
        """What tells the row from others."""
        return tuple(row[place] for place in self.key)


@dataclass(frozen=True)
class Snapshot:
    """All rows at one moment, by table and key."""

    tables: Mapping[str, Table]
    rows: Mapping[str, Mapping[Key, Row]]


@dataclass(frozen=True)
class Changes:
    """What makes one snapshot of another: rows to put in or in the place of those of their key, and keys to drop."""

    put: Mapping[str, Sequence[Row]]
    gone: Mapping[str, Sequence[Sequence[Any]]]


def schema(file: Path) -> list[str]:
    """The statements that make the tables and indexes of a SQLite file."""
    with closing(sqlite3.connect(file)) as connection:
        found = connection.execute(
            "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY type DESC, name"
        )
        return [row[0] for row in found]


def snapshot(file: Path) -> Snapshot:
    """Everything that a SQLite file holds now."""
    with closing(sqlite3.connect(file)) as connection:
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        tables = {name: _table(connection, name) for name in sorted(names)}
        return Snapshot(tables, {name: _rows(connection, table) for name, table in tables.items()})


def changes(before: Snapshot, after: Snapshot) -> Changes:
    """What has happened between the two. Tables in which nothing has are left out."""
    put, gone = {}, {}
    for name, rows in after.rows.items():
        old = before.rows.get(name, {})
        if new := [row for key, row in rows.items() if old.get(key) != row]:
            put[name] = new
        if dropped := [list(key) for key in old if key not in rows]:
            gone[name] = dropped
    return Changes(put, gone)


def put_into_sqlite(connection: sqlite3.Connection, tables: Mapping[str, Table], done: Changes) -> None:
    """Make the changes, references not being checked."""
    for name, keys in done.gone.items():
        columns = [tables[name].columns[place] for place in tables[name].key]
        named = " AND ".join(f'"{column}" = ?' for column in columns)
        connection.executemany(f'DELETE FROM "{name}" WHERE {named}', keys)  # noqa: S608
    for name, rows in done.put.items():
        columns = [f'"{column}"' for column in tables[name].columns]
        values = ", ".join("?" * len(columns))
        if name == NUMBERS:  # which has no key of its own
            connection.executemany(f"DELETE FROM {NUMBERS} WHERE name = ?", [row[:1] for row in rows])  # noqa: S608
        statement = f'INSERT OR REPLACE INTO "{name}" ({", ".join(columns)}) VALUES ({values})'  # noqa: S608
        connection.executemany(statement, [[_value(value) for value in row] for row in rows])


def put_into_postgresql(
    connection: psycopg.Connection[Any], tables: Mapping[str, Table], done: Changes
) -> None:
    """Make the changes, references not being checked; the server makes values of each column's type of the texts."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("SET LOCAL TIME ZONE 'UTC'")
        for name in {*done.gone, *done.put} - {NUMBERS}:
            _exchange(cursor, tables[name], done)
        for name, number in done.put.get(NUMBERS, ()):
            if not number:  # none was given yet
                continue
            cursor.execute("SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", (name, number))


def _exchange(cursor: psycopg.Cursor[Any], table: Table, done: Changes) -> None:
    rows = done.put.get(table.name, ())
    named = " AND ".join(f'"{table.columns[place]}" = %s' for place in table.key)
    old = [*done.gone.get(table.name, ()), *map(table.key_of, rows)]
    cursor.executemany(
        f'DELETE FROM "{table.name}" WHERE {named}',  # type: ignore[arg-type]  # noqa: S608
        [[_as_text(value) for value in key] for key in old],
    )
    columns = ", ".join(f'"{column}"' for column in table.columns)
    values = ", ".join(["%s"] * len(table.columns))
    cursor.executemany(
        f'INSERT INTO "{table.name}" ({columns}) VALUES ({values})',  # type: ignore[arg-type]  # noqa: S608
        [[_as_text(value) for value in row] for row in rows],
    )


def _as_text(kept: Any) -> Any:
    value = _value(kept)
    return str(value) if isinstance(value, int | float) else value


def _table(connection: sqlite3.Connection, name: str) -> Table:
    described = connection.execute(f'PRAGMA table_info("{name}")').fetchall()
    columns = tuple(row[1] for row in described)
    key = tuple(place for place, row in enumerate(described) if row[5])
    return Table(name, columns, key or (0,))


def _rows(connection: sqlite3.Connection, table: Table) -> dict[Key, Row]:
    columns = ", ".join(f'"{column}"' for column in table.columns)
    order = ", ".join(str(place + 1) for place in table.key)
    found = connection.execute(f'SELECT {columns} FROM "{table.name}" ORDER BY {order}')  # noqa: S608
    rows = ([_kept(value) for value in row] for row in found)
    return {table.key_of(row): row for row in rows}


def _kept(value: Any) -> Any:
    if not isinstance(value, bytes):
        return value
    try:
        return {"text": value.decode()}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(value).decode()}


def _value(kept: Any) -> Any:
    if not isinstance(kept, dict):
        return kept
    return kept["text"].encode() if "text" in kept else base64.b64decode(kept["base64"])
