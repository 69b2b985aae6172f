"""Conditions that start processes (BPMN 2.0.2 §10.5.2): asked again and again, outside of any instance.

A condition starts an instance when it becomes true, and again only after it has been false in between. What it was
the last time it was asked is kept in its row, so that neither a restart nor a second worker makes two of one.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, select, update
from sqlalchemy.orm import Session

from engine import deployments, instances, stores, timers
from engine.commands import Result
from engine.context import CommandContext
from engine.definitions import Definitions
from engine.errors import BpmnError
from engine.execution.faults import Fault
from engine.execution.started import Started
from engine.messages import translatable as _
from engine.starting.events import clock_names
from engine.storage.tables import timer

ASK_EVERY = timedelta(minutes=1)
"""How often a condition is asked while nothing tells that it may have changed. Those that look at the clock speak of
days and hours; a minute late is soon enough for them, and a hundred of them cost the worker less than a second of it.
"""


def ask(ctx: CommandContext, row: Row[Any]) -> Result:
    """Ask a condition whose row is locked, and start its process if it has become true.

    Raises what keeps it from being worked out, or the process from beginning; nothing is noted then.
    """
    holds = _holds(ctx, row)
    asked = {"answer": holds, "due_at": ctx.now + ASK_EVERY, **timers.UNTRIED}
    ctx.session.execute(update(timer).where(timer.c.id == row.id).values(**asked))
    if not holds or row.answer:
        return Result("", "holds" if holds else "does not hold", 0)
    definition = deployments.definition(ctx.session, row.definition_id)
    return instances.begin(ctx, definition, {}, None, Started(row.element, row.event))


def _holds(ctx: CommandContext, row: Row[Any]) -> bool:
    """It sees the time, and the data stores that its process refers to; there are no variables yet."""
    names = ctx.services.definitions.spec(ctx.session, row.definition_id).model.stores
    seen = {name: stores.look(ctx.session, name) for name in names}
    try:
        return bool(ctx.evaluate(row.condition, {**seen, **clock_names(ctx)}))
    except BpmnError as error:
        raise Fault(_("Nothing can catch the error of a condition: %(reason)s"), reason=str(error)) from error


def depending(session: Session, definitions: Definitions, written: Collection[str]) -> list[int]:
    """Ids of the conditions that could be answered otherwise, now that something was put into these data stores."""
    rows = session.execute(select(timer.c.id, timer.c.definition_id).where(timer.c.condition.is_not(None)))
    return [
        row.id
        for row in rows
        if not definitions.spec(session, row.definition_id).model.stores.isdisjoint(written)
    ]


def hasten(session: Session, condition_id: int, now: datetime) -> None:
    """Let a condition be asked at once, even one that was put off: what has failed may go well now."""
    changed = {"due_at": now, "lease_until": None}
    session.execute(update(timer).where(timer.c.id == condition_id).values(**changed))
