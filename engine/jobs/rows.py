"""The table of jobs: putting one in, and finding those that are due."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, insert, or_, select, update
from sqlalchemy.orm import Session

from engine.correlation import with_origin
from engine.jobs.job import DUE, LEASED
from engine.storage.tables import job

SOON = timedelta(seconds=1)
"""After which a job is tried again that was only in somebody's way."""
DRIFT = timedelta(minutes=1)
"""How far the clocks of several machines may lie apart. What happened later than that has happened by a wrong clock."""
UNTRIED: Mapping[str, Any] = {"status": DUE, "attempts": 0, "tried_at": None, "error": None}
"""What the row of a job says that has not failed since it was done last."""
INSTANCE_TIMER, START_TIMER, START_CONDITION, CALL = "timer", "start_timer", "start_condition", "service"
OVERDUE_TASKS, HISTORY_MONTHS = "overdue_tasks", "history_months"
"""The engine's own kinds."""


def enqueue(
    session: Session,
    kind: str,
    payload: Mapping[str, Any],
    now: datetime,
    due_at: datetime | None = None,
    instance_id: str | None = None,
    origin: Mapping[str, str] | None = None,
) -> int:
    """Put a job in, in the transaction of whoever wants it done: there when that is committed. Returns its id.

    ``payload`` is JSON. With an instance it is done by one worker at a time with that instance's other jobs, becomes
    its incident should it fail for good, and is dropped when the instance ends. ``origin`` is what it goes back to
    where that is not what is done here (see `engine.correlation`).
    """
    values = {
        "kind": kind,
        "payload": with_origin(payload, origin),
        "instance_id": instance_id,
        "due_at": due_at or now,
        "try_at": due_at or now,
        "created_at": now,
    }
    done = session.execute(insert(job).values(**values))
    return int(done.inserted_primary_key[0])  # type: ignore[attr-defined]  # an INSERT's cursor has it


def is_due(now: datetime) -> ColumnElement[bool]:
    """Whether a job may be taken now, by its row alone."""
    waits = and_(
        job.c.status == DUE, job.c.due_at <= now, or_(job.c.try_at <= now, job.c.tried_at > now + DRIFT)
    )
    return or_(waits, and_(job.c.status == LEASED, is_over(job.c, now)))


def is_over(row: Any, now: datetime) -> ColumnElement[bool]:
    """Whether a lease has run out.

    One that was given at a time that has not come yet was given by a clock that has been set back since: nobody waits
    for that time to come again.
    """
    return or_(row.lease_until <= now, row.tried_at > now + DRIFT)


def due(session: Session, now: datetime, kinds: Collection[str], limit: int) -> list[int]:
    """Ids of the jobs of these kinds to do now, longest due first."""
    query = select(job.c.id).where(is_due(now), job.c.kind.in_(sorted(kinds)))
    return list(session.scalars(query.order_by(job.c.try_at, job.c.id).limit(limit)))


def kind_of(session: Session, job_id: int) -> str | None:
    """The kind of a job that is there."""
    return session.scalar(select(job.c.kind).where(job.c.id == job_id))


def change(session: Session, job_id: int, **values: Any) -> None:
    """Write into a job's row, if it is still there."""
    session.execute(update(job).where(job.c.id == job_id).values(**values))


def put_off(session: Session, job_id: int, now: datetime, how_long: timedelta = SOON) -> None:
    """Others first, if it is still due. That is no attempt."""
    later = {"try_at": now + how_long, "tried_at": None}
    session.execute(update(job).where(job.c.id == job_id, is_due(now)).values(**later))


def begin_anew(session: Session, job_id: int, now: datetime) -> None:
    """Let a job that has stopped be tried again at once, with all its attempts before it."""
    change(session, job_id, try_at=now, **UNTRIED)


def remove(session: Session, job_id: int) -> None:
    """The job is done, or not wanted any more."""
    session.execute(delete(job).where(job.c.id == job_id))
