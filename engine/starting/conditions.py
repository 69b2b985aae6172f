"""Conditions that start processes (BPMN 2.0.2 §10.5.2): asked again and again, outside of any instance.

A condition starts an instance when it becomes true, and again only after it has been false in between. What it was
the last time it was asked is kept in its row, so that neither a restart nor a second worker makes two of one.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from engine import deployments, instances, stores
from engine.context import CommandContext
from engine.definitions import Definitions
from engine.errors import BpmnError
from engine.execution.faults import Fault
from engine.execution.started import Started
from engine.jobs.job import DUE, Job
from engine.jobs.rows import START_CONDITION
from engine.messages import translatable as _
from engine.starting.events import clock_names
from engine.storage.tables import job

ASK_EVERY = timedelta(minutes=1)
"""How often a condition is asked while nothing tells that it may have changed. Those that look at the clock speak of
days and hours; a minute late is soon enough for them, and a hundred of them cost the worker less than a second of it.
"""


def ask(ctx: CommandContext, asked: Job) -> datetime:
    """Ask a condition whose row is locked, and start its process if it has become true. Returns when to ask again.

    Raises what keeps it from being worked out, or the process from beginning; nothing is noted then.
    """
    holds = _holds(ctx, asked)
    ctx.session.execute(update(job).where(job.c.id == asked.id).values(answer=holds))
    if holds and not asked.answer:
        definition = deployments.definition(ctx.session, asked.definition_id or 0)
        instances.begin(ctx, definition, {}, None, Started(asked.element or "", asked.event))
    return ctx.now + ASK_EVERY


def _holds(ctx: CommandContext, asked: Job) -> bool:
    """It sees the time, and the data stores that its process refers to; there are no variables yet."""
    names = ctx.services.definitions.spec(ctx.session, asked.definition_id or 0).model.stores
    seen = {name: stores.look(ctx.session, name) for name in names}
    try:
        return bool(ctx.evaluate(asked.condition or "False", {**seen, **clock_names(ctx)}))
    except BpmnError as error:
        raise Fault(_("Nothing can catch the error of a condition: %(reason)s"), reason=str(error)) from error


def depending(session: Session, definitions: Definitions, written: Collection[str]) -> list[int]:
    """Ids of the conditions that could be answered otherwise, now that something was put into these data stores."""
    rows = session.execute(select(job.c.id, job.c.definition_id).where(job.c.kind == START_CONDITION))
    return [
        row.id
        for row in rows
        if not definitions.spec(session, row.definition_id).model.stores.isdisjoint(written)
    ]


def hasten(session: Session, condition_id: int, now: datetime) -> None:
    """Let a condition be asked at once, even one that was put off: what has failed may go well now."""
    changed = {"due_at": now, "try_at": now, "status": DUE}
    session.execute(update(job).where(job.c.id == condition_id).values(**changed))
