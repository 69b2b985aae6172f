"""Timers: durable rows of what is to happen when it is due; see `engine.firing` for what happens then."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, delete, or_, select, update
from sqlalchemy.orm import Session

from engine.context import CommandContext
from engine.errors import Conflict
from engine.execution.timing import next_of_cycle
from engine.messages import translatable as _
from engine.storage.tables import timer

FIRST_RETRY = timedelta(seconds=10)
LONGEST_RETRY = timedelta(hours=1)


def due(session: Session, now: datetime, limit: int) -> list[int]:
    """Ids of the timers to fire now, longest due first."""
    free = or_(timer.c.lease_until.is_(None), timer.c.lease_until <= now)
    query = select(timer.c.id).where(timer.c.due_at <= now, free)
    return list(session.scalars(query.order_by(timer.c.due_at, timer.c.id).limit(limit)))


def elapse(ctx: CommandContext, row: Row[Any]) -> datetime | None:
    """Take a timer away, or set it to its next round; returns when that is. Raises Conflict before it is due."""
    if row.due_at > ctx.now:
        raise Conflict(_("The timer is not due yet."))
    following = next_of_cycle(ctx.now, row.repeat, ctx.timezone) if row.repeat else None
    if following is None:
        ctx.session.execute(delete(timer).where(timer.c.id == row.id))
        return None
    due_at, repeat = following
    again = {"due_at": due_at, "repeat": repeat, "attempts": 0, "lease_until": None}
    ctx.session.execute(update(timer).where(timer.c.id == row.id).values(**again))
    return due_at


def postpone(session: Session, timer_id: int, now: datetime) -> None:
    """A timer could not be fired: leave it alone for a while, longer each time."""
    attempts = session.execute(select(timer.c.attempts).where(timer.c.id == timer_id)).scalar_one_or_none()
    if attempts is not None:
        wait = min(FIRST_RETRY * 2 ** min(attempts, 16), LONGEST_RETRY)
        session.execute(
            update(timer).where(timer.c.id == timer_id).values(attempts=attempts + 1, lease_until=now + wait)
        )
