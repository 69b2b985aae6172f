"""Handing jobs over: their numbers go to a broker, which spreads them over workers on any number of machines.

A job that was handed over is marked for `SPAN`, so that it is not handed over at every look. The mark says for which
`try_at` it holds: a job that has failed and waits, or whose next round has come, is unmarked by itself. It is no lock.
Who takes the job takes a lease, or does it in one transaction, as without a broker. So a broker may lose a number (it
is given again when the mark is over), keep it for long or deliver it twice (the job is gone then, or in work).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, case, func, or_, select, update
from sqlalchemy.orm import Session

from engine.jobs.leasing import of_idle_instance
from engine.jobs.rows import DRIFT, SOON, is_due
from engine.storage.tables import job

SPAN = timedelta(seconds=60)
"""After which a job that nobody took is handed over again."""


def candidates(
    session: Session, now: datetime, inside: Collection[str], outside: Collection[str], limit: int
) -> list[int]:
    """Ids of due jobs that are not handed over, longest due first.

    Of those that lie outside one of each instance that has none in work, as they are leased.
    """
    free = of_idle_instance(now)
    in_turn = case((or_(job.c.kind.in_(sorted(inside)), job.c.instance_id.is_(None)), job.c.id))
    first = func.min(job.c.id)
    query = (
        select(first)
        .where(is_due(now), ~_is_marked(now))
        .where(or_(job.c.kind.in_(sorted(inside)), and_(job.c.kind.in_(sorted(outside)), free)))
        .group_by(job.c.instance_id, in_turn)
        .order_by(func.min(job.c.try_at), first)
    )
    return list(session.scalars(query.limit(limit)))


def mark(session: Session, ids: Collection[int], now: datetime, span: timedelta) -> list[int]:
    """Mark those that are still due and unmarked, leaving alone what others are about to mark or change.

    ``span`` is `SPAN` at most.
    """
    free = (
        select(job.c.id)
        .where(job.c.id.in_(ids), is_due(now), ~_is_marked(now))
        .order_by(job.c.try_at, job.c.id)
    )
    mine = list(session.scalars(free.with_for_update(skip_locked=True)))
    if mine:
        marked = {"handed_for": job.c.try_at, "handed_until": now + span}
        session.execute(update(job).where(job.c.id.in_(mine)).values(marked))
    return mine


def unmark(session: Session, ids: Collection[int]) -> None:
    """They were not handed over after all."""
    if ids:
        session.execute(update(job).where(job.c.id.in_(ids)).values(handed_for=None, handed_until=None))


def again_soon(session: Session, job_id: int, now: datetime) -> None:
    """A job that came through the broker while another of its instance was in work is handed over again soon."""
    session.execute(update(job).where(job.c.id == job_id, _is_marked(now)).values(handed_until=now + SOON))


def _is_marked(now: datetime) -> ColumnElement[bool]:
    """Whether its number was handed over, not long ago.

    A mark that lies further ahead than any could was made by a clock that has been set back since.
    """
    until = job.c.handed_until
    holds = and_(until > now, until <= now + SPAN + DRIFT, job.c.handed_for == job.c.try_at)
    return func.coalesce(holds, False)
