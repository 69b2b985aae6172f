"""Starts that failed: timers and conditions that could not start their process when they were tried last."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.jobs.rows import START_CONDITION, START_TIMER
from engine.storage.tables import job, process_definition
from engine.views import FailedStart

MOST = 100
"""How many are told at once."""


def failed_starts(session: Session, process_key: str | None = None) -> tuple[FailedStart, ...]:
    """Those of all processes, or of one, tried last first."""
    model = process_definition.c
    query = select(job, model.key, model.name).join(process_definition, job.c.definition_id == model.id)
    query = query.where(job.c.kind.in_((START_TIMER, START_CONDITION)), job.c.error.is_not(None))
    if process_key is not None:
        query = query.where(model.key == process_key)
    rows = session.execute(query.order_by(job.c.tried_at.desc(), job.c.id).limit(MOST))
    return tuple(
        FailedStart(
            process_key=row.key,
            process_name=row.name,
            element=row.element,
            element_name=row.element_name,
            kind="timer" if row.kind == START_TIMER else "condition",
            reason=row.error,
            tried_at=row.tried_at,
            next_try_at=row.try_at,
        )
        for row in rows
    )
