"""Timers of running instances: a token goes on when its time has come."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select

from engine import instances, recording
from engine.context import CommandContext
from engine.errors import NotFound
from engine.execution.timing import next_of_cycle
from engine.jobs.job import Job
from engine.messages import translatable as _
from engine.storage.tables import instance


def next_round(ctx: CommandContext, job: Job) -> tuple[datetime, Any] | None:
    """When a job that repeats is due again, and how it goes on from there; one round for all that were missed."""
    return next_of_cycle(ctx.now, job.repeat, ctx.timezone) if job.repeat else None


def fire(ctx: CommandContext, job: Job) -> None:
    """Let a timer elapse."""
    loaded = instances.load(ctx, select(instance).where(instance.c.id == job.instance_id))
    task = None if job.token is None else loaded.live.find(job.token)
    if task is None:
        raise NotFound(_("There is no such timer."))
    following = next_round(ctx, job)
    fired = recording.event(
        ctx,
        "timer.fired",
        task.task_spec.process.definition_id,
        task.task_spec.element,
        token=job.token,
        due_at=job.due_at,
        next_due_at=None if following is None else following[0],
    )
    task.task_spec.trigger(task, None, job.event)
    instances.save(ctx, loaded, [fired])
