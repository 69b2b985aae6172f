"""Rows by the thousand: into SQLite with executemany, into PostgreSQL with COPY; one transaction at a time."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from typing import Any, Protocol

import psycopg

from engine.storage.database import Database

Rows = Mapping[str, Sequence[Sequence[Any]]]


class Writer(Protocol):
    """Writes rows of several tables in one transaction."""

    def write(self, columns: Mapping[str, tuple[str, ...]], rows: Rows) -> None: ...


class _Sqlite:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def write(self, columns: Mapping[str, tuple[str, ...]], rows: Rows) -> None:
        with self._connection:
            for table, found in rows.items():
                names, values = ", ".join(columns[table]), ", ".join("?" * len(columns[table]))
                statement = f"INSERT INTO {table} ({names}) VALUES ({values})"  # noqa: S608  the engine's own names
                self._connection.executemany(statement, found)


class _Postgresql:
    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection

    def write(self, columns: Mapping[str, tuple[str, ...]], rows: Rows) -> None:
        with self._connection.transaction(), self._connection.cursor() as cursor:
            for table, found in rows.items():
                names = ", ".join(columns[table])
                with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                    for row in found:
                        copy.write_row(row)


@contextmanager
def writing(database: Database) -> Iterator[Writer]:
    """Write to this database alone, quickly: what a power cut takes is filled in again."""
    if database.is_sqlite:
        with closing(sqlite3.connect(database.url.database or "")) as connection:
            for pragma in ("synchronous = OFF", "foreign_keys = OFF", "cache_size = -400000"):
                connection.execute(f"PRAGMA {pragma}")
            yield _Sqlite(connection)
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return
    address = database.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("SET TIME ZONE 'UTC'")
        connection.execute("SET synchronous_commit = off")
        yield _Postgresql(connection)
        connection.execute("VACUUM (ANALYZE)")  # as its own housekeeping does by and by
