"""Firing: the worker lets what is due happen, and an instance goes on, a process starts, or a condition is asked."""

from __future__ import annotations

from sqlalchemy import select

from engine import instances, recording, timers
from engine.commands import FireTimer, Result
from engine.context import CommandContext
from engine.directory import SYSTEM
from engine.errors import Forbidden, NotFound
from engine.messages import translatable as _
from engine.starting import conditions
from engine.starting import timers as start_timers
from engine.storage.tables import instance, timer


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
    timers.check_due(row, ctx.now)
    following = timers.elapse(ctx, row)
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
    """Start the process whose start event a timer is, or ask the condition that starts one."""
    row = ctx.session.execute(select(timer).where(timer.c.id == command.timer_id).with_for_update()).first()
    if row is None:
        raise NotFound(_("There is no such timer."))
    timers.check_due(row, ctx.now)
    if row.condition is not None:
        return conditions.ask(ctx, row)
    timers.elapse(ctx, row)
    return start_timers.start(ctx, row.definition_id, row.element, row.event)
