"""What the latest version of each process is started by is noted when it is deployed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Select, delete, insert, select, update

from engine import deployments
from engine.bpmn.model import Process
from engine.context import CommandContext
from engine.jobs.rows import START_CONDITION, START_TIMER
from engine.messaging.keys import key_hash
from engine.starting import timers
from engine.storage.tables import job, process_definition, subscription


def subscribe_starts(ctx: CommandContext, processes: Mapping[str, Process]) -> None:
    """Let the latest version of each process listen for what starts it, and no older one.

    Raises NotDeployable where a timer does not say when it is due.
    """
    for key, process in processes.items():
        older = select(process_definition.c.id).where(process_definition.c.key == key)
        answers = _last_answers(ctx, older)
        ctx.session.execute(delete(job).where(job.c.definition_id.in_(older)))
        listening = ctx.session.execute(
            select(subscription).where(subscription.c.definition_id.in_(older)).order_by(subscription.c.id)
        )
        before = {row.id: (row.kind, row.name) for row in listening}
        if process.executable:
            _subscribe(ctx, deployments.latest(ctx.session, key), process, before, answers)
        if before:
            ctx.session.execute(delete(subscription).where(subscription.c.id.in_(before)))


def _last_answers(ctx: CommandContext, definitions: Select[Any]) -> dict[str, bool]:
    """What the conditions of these versions were when they were asked last.

    Locked, so that a worker who is asking one at this moment has its answer noted before it is taken over.
    """
    query = select(job).where(job.c.definition_id.in_(definitions), job.c.kind == START_CONDITION)
    rows = ctx.session.execute(query.order_by(job.c.id).with_for_update())
    return {row.condition: row.answer for row in rows}


def _subscribe(
    ctx: CommandContext,
    definition: deployments.Definition,
    process: Process,
    before: dict[int, Any],
    answers: Mapping[str, bool],
) -> None:
    for element, number, event in process.event_starts():
        row = {"definition_id": definition.id, "element": element.id, "event": number}
        due = row | {"element_name": element.name, "created_at": ctx.now}
        if event.kind in ("message", "signal"):
            _listen(ctx, {**row, "kind": event.kind, "name": event.name}, before)
        elif event.timer is not None:
            following = timers.first_due(ctx, definition, element, event.timer)
            if following is not None:
                when = {"due_at": following[0], "try_at": following[0], "repeat": following[1]}
                ctx.session.execute(insert(job), [{**due, **when, "kind": START_TIMER}])
        elif event.condition is not None:
            asked = {"condition": event.condition, "answer": answers.get(event.condition, False)}
            when = {"due_at": ctx.now, "try_at": ctx.now}
            ctx.session.execute(insert(job), [{**due, **asked, **when, "kind": START_CONDITION}])


def _listen(ctx: CommandContext, row: dict[str, Any], before: dict[int, Any]) -> None:
    """Take over from the version before: a signal that is on its way to it arrives at the new one."""
    for number, known in before.items():
        if known == (row["kind"], row["name"]):
            del before[number]
            ctx.session.execute(update(subscription).where(subscription.c.id == number).values(**row))
            return
    hashed = key_hash({})
    ctx.session.execute(insert(subscription), [{**row, "correlation": {}, "key_hash": hashed}])
    if row["kind"] == "message":
        ctx.mail.awaited.add((row["name"], hashed))
