"""Timers: durable rows that a worker fires when they are due."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from engine import instances, recording
from engine.commands import FireTimer, Result
from engine.context import CommandContext
from engine.directory import SYSTEM
from engine.errors import Conflict, Forbidden, NotFound
from engine.execution.timing import next_of_cycle
from engine.messages import translatable as _
from engine.storage.tables import instance, timer

FIRST_RETRY = timedelta(seconds=10)
LONGEST_RETRY = timedelta(hours=1)


def due(session: Session, now: datetime, limit: int) -> list[int]:
    """Ids of the timers to fire now, longest due first."""
    free = or_(timer.c.lease_until.is_(None), timer.c.lease_until <= now)
    query = select(timer.c.id).where(timer.c.due_at <= now, free)
    return list(session.scalars(query.order_by(timer.c.due_at, timer.c.id).limit(limit)))


def fire(ctx: CommandContext, command: FireTimer) -> Result:
    """Let a due timer elapse. Raises NotFound when it is gone already, Conflict when it is not due.

    Only the engine itself may, so that nobody hurries a deadline along.
    """
    if ctx.actor is not SYSTEM:
        raise Forbidden(_("Timers elapse by themselves."))
    owner = select(timer.c.instance_id).where(timer.c.id == command.timer_id).scalar_subquery()
    loaded = instances.load(ctx, select(instance).where(instance.c.id == owner))
    row = ctx.session.execute(select(timer).where(timer.c.id == command.timer_id)).first()
    task = None if row is None else loaded.live.find(row.token)
    if row is None or task is None:
        raise NotFound(_("There is no such timer."))
    if row.due_at > ctx.now:
        raise Conflict(_("The timer is not due yet."))
    following = next_of_cycle(ctx.now, row.repeat, ctx.timezone) if row.repeat else None
    if following is None:
        ctx.session.execute(delete(timer).where(timer.c.id == row.id))
    else:
        due_at, repeat = following
        ctx.session.execute(
            update(timer)
            .where(timer.c.id == row.id)
            .values(due_at=due_at, repeat=repeat, attempts=0, lease_until=None)
        )
    fired = recording.event(
        ctx,
        "timer.fired",
        task.task_spec.process.definition_id,
        task.task_spec.element,
        token=row.token,
        due_at=row.due_at,
        next_due_at=following[0] if following else None,
    )
    task.task_spec.trigger(task)
    return instances.save(ctx, loaded, [fired])


def postpone(session: Session, timer_id: int, now: datetime) -> None:
    """A timer could not be fired: leave it alone for a while, longer each time."""
    attempts = session.execute(select(timer.c.attempts).where(timer.c.id == timer_id)).scalar_one_or_none()
    if attempts is not None:
        wait = min(FIRST_RETRY * 2 ** min(attempts, 16), LONGEST_RETRY)
        session.execute(
            update(timer).where(timer.c.id == timer_id).values(attempts=attempts + 1, lease_until=now + wait)
        )
