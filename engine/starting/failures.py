"""Starts that failed: timers and conditions that could not start their process when they were tried last."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.storage.tables import process_definition, timer
from engine.views import FailedStart

MOST = 100
"""How many are told at once."""


def failed_starts(session: Session, process_key: str | None = None) -> tuple[FailedStart, ...]:
    """Those of all processes, or of one, tried last first."""
    model = process_definition.c
    query = select(timer, model.key, model.name).join(process_definition, timer.c.definition_id == model.id)
    query = query.where(timer.c.error.is_not(None))
    if process_key is not None:
        query = query.where(model.key == process_key)
    rows = session.execute(query.order_by(timer.c.tried_at.desc(), timer.c.id).limit(MOST))
    return tuple(
        FailedStart(
            process_key=row.key,
            process_name=row.name,
            element=row.element,
            element_name=row.element_name,
            kind="timer" if row.condition is None else "condition",
            reason=row.error,
            tried_at=row.tried_at,
            next_try_at=max(row.lease_until or row.due_at, row.due_at),
        )
        for row in rows
    )
