"""References while rows arrive: those within one table, or round in a circle, hold only when all rows are there."""

from __future__ import annotations

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from engine.copying.places import tables

_STRICT = "copying: constraints that were not deferrable"

_FOUND = text(
    "SELECT c.conname AS name, s.relname AS referring, t.relname AS referred FROM pg_constraint c"
    " JOIN pg_class s ON s.oid = c.conrelid JOIN pg_class t ON t.oid = c.confrelid"
    " WHERE c.contype = 'f' AND NOT c.condeferrable AND c.conparentid = 0"
    " AND c.connamespace = current_schema()::regnamespace"
)


def suspend(session: Session) -> None:
    """Let nobody else write to this database, and rows come before what they refer to, in this transaction."""
    if session.get_bind().dialect.name == "sqlite":  # whose only writer this is already
        session.execute(text("PRAGMA defer_foreign_keys = ON"))
        return
    names = ", ".join(f'"{table.name}"' for table in tables())
    session.execute(text(f"LOCK TABLE {names} IN EXCLUSIVE MODE"))
    place = {table.name: number for number, table in enumerate(tables())}
    strict = [row for row in session.execute(_FOUND) if place[row.referred] >= place[row.referring]]
    for row in strict:
        _alter(session, row, "DEFERRABLE INITIALLY DEFERRED")
    session.info[_STRICT] = strict


def check(session: Session) -> None:
    """Check the references that were put off, and be as strict again as before. SQLite checks when it commits."""
    if session.get_bind().dialect.name == "sqlite":
        return
    session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
    for row in session.info.pop(_STRICT):
        _alter(session, row, "NOT DEFERRABLE")


def _alter(session: Session, found: Row[tuple[str, str, str]], how: str) -> None:
    session.execute(text(f'ALTER TABLE "{found.referring}" ALTER CONSTRAINT "{found.name}" {how}'))
