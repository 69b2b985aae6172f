"""Tasks that are overdue: observers are told of each once, when its time has passed and nobody has completed it.

One job looks every minute at the tasks that became overdue since it looked last; how far it got stands in its row.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import or_, select

from engine.context import CommandContext
from engine.jobs import rows
from engine.jobs.job import Job
from engine.observing import OVERDUE, Happening
from engine.storage.tables import instance, work_item
from engine.visibility import waits

EVERY = timedelta(minutes=1)
GRACE = timedelta(minutes=1)
"""A task is told of so long after it was due: one that is opened late already has been committed by then."""


def notice(ctx: CommandContext, job: Job) -> datetime:
    """Tell observers of the tasks that became overdue since the last time; returns when to look again."""
    since = datetime.fromisoformat(job.payload["until"]) if "until" in job.payload else job.created_at
    until = ctx.now - GRACE
    if until <= since:  # or the clock was set back: what it shows a second time was told of the first time
        return ctx.now + EVERY
    ctx.note(*_overdue(ctx, since, until))
    rows.change(ctx.session, job.id, payload={"until": until.isoformat()})
    return ctx.now + EVERY


def _overdue(ctx: CommandContext, since: datetime, until: datetime) -> list[Happening]:
    item = work_item.c
    # A task that is opened when its time has passed already is overdue from its beginning.
    became = or_(item.due_at > since, item.created_at > since)
    query = (
        select(
            *(
                item[name]
                for name in ("id", "instance_id", "element", "name", "due_at", "created_at", "assignee")
            ),
            *(instance.c[name] for name in ("process_key", "starter", "definition_id")),
        )
        .join(instance, instance.c.id == item.instance_id)
        .where(waits(), item.due_at <= until, item.created_at <= until, became)
    )
    return [
        Happening(
            OVERDUE,
            ctx.now,
            ctx.actor.user,
            {"due_at": row.due_at, "assignee": row.assignee},
            row.instance_id,
            row.process_key,
            row.starter,
            None,
            row.definition_id,
            row.element,
            row.name,
            row.id,
        )
        for row in ctx.session.execute(query.order_by(item.due_at, item.id))
    ]
