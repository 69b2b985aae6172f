"""Leases: a job whose work lies outside is given to one worker at a time, for a while.

A lease that has run out goes to whoever asks next, under a higher number. What the worker before brings back then is
dropped, because it has the old number (a fencing token).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, case, exists, false, func, or_, select, update
from sqlalchemy.orm import Session

from engine.errors import PlanFlowError
from engine.jobs.job import COLUMNS, DUE, LEASED, Job, job_of
from engine.jobs.rows import change, is_due, is_over
from engine.messages import translatable as _
from engine.storage.tables import instance, job

CANDIDATES = 50
"""Jobs that are looked at before a worker comes again: others may be busy with the instances of the first ones."""
NOBODY = {"lease_owner": None, "lease_until": None}
"""What the row of a job says that no worker has."""


class LeaseLost(PlanFlowError):
    """The job was given to another worker meanwhile, or is not wanted any more. Nothing was changed."""

    status = 409
    code = "lease_lost"

    def __init__(self) -> None:
        super().__init__(_("The job is not this worker's any more."))


def candidates(session: Session, now: datetime, kinds: Collection[str]) -> list[int]:
    """Ids of the jobs that might be leased, longest due first; one of each instance that has none in work.

    However many jobs an instance has waiting, it so holds up no other's.
    """
    of_none = case((job.c.instance_id.is_(None), job.c.id))
    first = func.min(job.c.id)
    query = select(first).where(is_due(now), job.c.kind.in_(sorted(kinds)), of_idle_instance(now))
    query = query.group_by(job.c.instance_id, of_none).order_by(func.min(job.c.try_at), first)
    return list(session.scalars(query.limit(CANDIDATES)))


def of_idle_instance(now: datetime) -> ColumnElement[bool]:
    """Whether a job belongs to an instance that has none in work, or to no instance."""
    other = job.alias()
    busy = select(other.c.instance_id).where(
        other.c.status == LEASED, ~is_over(other.c, now), other.c.instance_id.is_not(None)
    )
    return or_(job.c.instance_id.is_(None), job.c.instance_id.not_in(busy))


def lease(session: Session, job_id: int, owner: str, now: datetime, span: timedelta) -> Job | None:
    """Give a job to a worker, if it is free and its instance has no other in work.

    Never waits: what somebody else is about to take or change is left to them. The instance is locked before the
    job, here and everywhere.
    """
    own = session.scalar(select(job.c.instance_id).where(job.c.id == job_id))
    if own is not None and not _lock(session, own):
        return None
    free = select(*COLUMNS).where(job.c.id == job_id, is_due(now), ~_another_in_work(own, now))
    row = session.execute(free.with_for_update(skip_locked=True)).first()
    if row is None:
        return None
    given = {"lease": row.lease + 1, "lease_owner": owner, "lease_until": now + span, "tried_at": now}
    change(session, job_id, status=LEASED, **given)
    return replace(job_of(row), status=LEASED, **given)


def _lock(session: Session, instance_id: str) -> bool:
    query = select(instance.c.id).where(instance.c.id == instance_id)
    return session.execute(query.with_for_update(skip_locked=True)).first() is not None


def _another_in_work(instance_id: str | None, now: datetime) -> ColumnElement[bool]:
    if instance_id is None:  # which SQL would take for all the jobs of no instance
        return false()
    other = job.alias()
    return exists().where(
        other.c.instance_id == instance_id,
        other.c.id != job.c.id,
        other.c.status == LEASED,
        ~is_over(other.c, now),
    )


def held(session: Session, job_id: int, number: int) -> Job:
    """The job, locked, if it is still leased under this number. Raises LeaseLost."""
    query = select(*COLUMNS).where(job.c.id == job_id, job.c.status == LEASED, job.c.lease == number)
    row = session.execute(query.with_for_update()).first()
    if row is None:
        raise LeaseLost()
    return job_of(row)


def give_back(session: Session, job_id: int, number: int, try_at: datetime) -> bool:
    """Let others have a job that was not done, without counting that as an attempt. What comes of it later is late."""
    mine = (job.c.id == job_id, job.c.status == LEASED, job.c.lease == number)
    done = session.execute(update(job).where(*mine).values(status=DUE, try_at=try_at, **NOBODY))
    return bool(getattr(done, "rowcount", 0))


def give_back_all(session: Session, owner: str, now: datetime) -> int:
    """Let others have whatever is leased to this worker, at once, as `give_back` does. Returns how many that were."""
    mine = (job.c.status == LEASED, job.c.lease_owner == owner)
    done = session.execute(update(job).where(*mine).values(status=DUE, try_at=now, **NOBODY))
    return int(getattr(done, "rowcount", 0))
