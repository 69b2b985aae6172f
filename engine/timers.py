"""Timers: durable rows that a worker fires when they are due."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, delete, or_, select, update
from sqlalchemy.orm import Session

from engine import deployments, instances, recording
from engine.commands import FireTimer, Result
from engine.context import CommandContext
from engine.directory import SYSTEM
from engine.errors import Conflict, Forbidden, NotFound
from engine.execution.started import Started
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
    starts = select(timer.c.definition_id).where(timer.c.id == command.timer_id)
    if ctx.session.scalar(starts) is not None:
        return _start(ctx, command)
    owner = select(timer.c.instance_id).where(timer.c.id == command.timer_id).scalar_subquery()
    loaded = instances.load(ctx, select(instance).where(instance.c.id == owner))
    row = ctx.session.execute(select(timer).where(timer.c.id == command.timer_id)).first()
    task = None if row is None else loaded.live.find(row.token)
    if row is None or task is None:
        raise NotFound(_("There is no such timer."))
    following = _elapse(ctx, row)
    fired = recording.event(
        ctx,
        "timer.fired",
        task.task_spec.process.definition_id,
        task.task_spec.element,
        token=row.token,
        due_at=row.due_at,
        next_due_at=following,
    )
    task.task_spec.trigger(task, None, row.event)
    return instances.save(ctx, loaded, [fired])


def _start(ctx: CommandContext, command: FireTimer) -> Result:
    """Start the process whose start event a timer is."""
    row = ctx.session.execute(select(timer).where(timer.c.id == command.timer_id).with_for_update()).first()
    if row is None:
        raise NotFound(_("There is no such timer."))
    _elapse(ctx, row)
    definition = deployments.definition(ctx.session, row.definition_id)
    return instances.begin(ctx, definition, {}, None, Started(row.element, row.event))


def _elapse(ctx: CommandContext, row: Row[Any]) -> datetime | None:
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
