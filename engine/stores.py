"""Data stores: values that outlive processes and that all of them share (BPMN 2.0.2 §10.4.1)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from engine.execution import limits
from engine.storage.tables import data_store


def read(session: Session, name: str) -> Any:
    """What a store holds; None while it is empty. Whoever reads it keeps others from writing until they are done."""
    return session.scalar(select(data_store.c.value).where(data_store.c.name == name).with_for_update())


def look(session: Session, name: str) -> Any:
    """What a store holds at this moment; None while it is empty. Who only looks keeps nobody from writing."""
    return session.scalar(select(data_store.c.value).where(data_store.c.name == name))


def write(session: Session, name: str, value: Any, now: datetime) -> None:
    """Put a value into a store. Raises TooMuchData or Unstorable."""
    if limits.size(value) > limits.MAX_DATA:
        raise limits.TooMuchData()
    row = {"value": value, "updated_at": now}
    changed = session.execute(update(data_store).where(data_store.c.name == name).values(row))
    if getattr(changed, "rowcount", 0) == 0:
        _make(session, name, row)


def _make(session: Session, name: str, row: dict[str, Any]) -> None:
    """Begin to use a store. Another process may have begun in this very moment; what comes last stays."""
    try:
        with session.begin_nested():
            session.execute(insert(data_store).values(name=name, **row))
    except IntegrityError:
        session.execute(update(data_store).where(data_store.c.name == name).values(row))
