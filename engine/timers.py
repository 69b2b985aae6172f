"""Timers: durable rows of what is to happen, or to be asked, when it is due. What happens then: `engine.firing`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, delete, or_, select, update
from sqlalchemy.orm import Session

from engine.context import CommandContext
from engine.errors import Conflict
from engine.execution.faults import tellable
from engine.execution.timing import next_of_cycle
from engine.messages import translatable as _
from engine.storage.tables import timer

FIRST_RETRY = timedelta(seconds=10)
LONGEST_RETRY = timedelta(hours=1)
UNTRIED: Mapping[str, Any] = {"attempts": 0, "lease_until": None, "tried_at": None, "error": None}
"""What a row says that has not failed since it was fired last."""


def due(session: Session, now: datetime, limit: int) -> list[int]:
    """Ids of the timers to fire now, longest due first."""
    query = select(timer.c.id).where(*_is_due(now))
    return list(session.scalars(query.order_by(timer.c.due_at, timer.c.id).limit(limit)))


def check_due(row: Row[Any], now: datetime) -> None:
    """Raise Conflict for a timer that is not due, or not any more: somebody else was first, or has just failed."""
    if row.due_at > now or (row.lease_until is not None and row.lease_until > now):
        raise Conflict(_("The timer is not due yet."))


def elapse(ctx: CommandContext, row: Row[Any]) -> datetime | None:
    """Take a timer that is due away, or set it to its next round; returns when that is."""
    following = next_of_cycle(ctx.now, row.repeat, ctx.timezone) if row.repeat else None
    if following is None:
        ctx.session.execute(delete(timer).where(timer.c.id == row.id))
        return None
    due_at, repeat = following
    again = {"due_at": due_at, "repeat": repeat, **UNTRIED}
    ctx.session.execute(update(timer).where(timer.c.id == row.id).values(**again))
    return due_at


def postpone(session: Session, timer_id: int, now: datetime, reason: str) -> None:
    """A timer could not be fired: leave it alone for a while, longer each time. Not one that others have fired."""
    query = select(timer.c.attempts).where(timer.c.id == timer_id, *_is_due(now))
    attempts = session.scalar(query.with_for_update())
    if attempts is not None:
        wait = min(FIRST_RETRY * 2 ** min(attempts, 16), LONGEST_RETRY)
        failed = {
            "attempts": attempts + 1,
            "lease_until": now + wait,
            "tried_at": now,
            "error": tellable(reason),
        }
        session.execute(update(timer).where(timer.c.id == timer_id).values(**failed))


def _is_due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return timer.c.due_at <= now, or_(timer.c.lease_until.is_(None), timer.c.lease_until <= now)
