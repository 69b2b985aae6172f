"""Numbers that a database gives to rows, and gives once only, even when the row is gone.

The numbers of jobs are keys by which other systems know a call again, so they must not begin anew in a copy.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Column, Integer, Table, func, select, text
from sqlalchemy.orm import Session
from sqlalchemy.types import BigInteger

from engine.copying.places import tables


def read(session: Session) -> Mapping[str, int]:
    """The last number given in each table that counts; 0 where none was."""
    return {table.name: _last(session, table, column) for table, column in _counting()}


def restore(session: Session, last: Mapping[str, int]) -> None:
    """Let each table go on behind the last number given."""
    for table, column in _counting():
        number = max(last[table.name], session.scalar(select(func.max(column))) or 0)
        if number:
            _set(session, table, column, number)


def _counting() -> list[tuple[Table, Column[int]]]:
    found = ((table, table.autoincrement_column) for table in tables())
    return [(table, column) for table, column in found if column is not None and _counts(column)]


def _counts(column: Column[int]) -> bool:
    return isinstance(column.type, Integer | BigInteger) and not column.foreign_keys


def _last(session: Session, table: Table, column: Column[int]) -> int:
    if _is_sqlite(session):
        if not table.dialect_options["sqlite"]["autoincrement"]:
            return 0
        found = session.scalar(
            text("SELECT seq FROM sqlite_sequence WHERE name = :name"), {"name": table.name}
        )
        return int(found or 0)
    sequence = _sequence(session, table, column)
    if sequence is None:
        return 0
    last, called = session.execute(text(f"SELECT last_value, is_called FROM {sequence}")).one()  # noqa: S608  its name comes from the database
    return int(last) if called else 0


def _set(session: Session, table: Table, column: Column[int], number: int) -> None:
    if not _is_sqlite(session):
        if sequence := _sequence(session, table, column):
            session.execute(select(func.setval(text(":name ::regclass").bindparams(name=sequence), number)))
    elif table.dialect_options["sqlite"]["autoincrement"]:
        session.execute(text("DELETE FROM sqlite_sequence WHERE name = :name"), {"name": table.name})
        session.execute(
            text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :seq)"),
            {"name": table.name, "seq": number},
        )


def _sequence(session: Session, table: Table, column: Column[int]) -> str | None:
    return session.scalar(select(func.pg_get_serial_sequence(table.name, column.name)))


def _is_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"
