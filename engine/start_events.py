"""What the latest version of each process is started by: messages, signals and timers, noted when it is deployed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, insert, select, update

from engine import deployments
from engine.bpmn.model import Element, Event, Process
from engine.context import CommandContext
from engine.errors import BpmnError, NotDeployable, PlanFlowError, Problem
from engine.execution import timing
from engine.message_keys import key_hash
from engine.starting import event_starts
from engine.storage.tables import process_definition, subscription, timer


def subscribe_starts(ctx: CommandContext, processes: Mapping[str, Process]) -> None:
    """Let the latest version of each process listen for what starts it, and no older one.

    Raises NotDeployable where a timer does not say when it is due.
    """
    for key, process in processes.items():
        older = select(process_definition.c.id).where(process_definition.c.key == key)
        ctx.session.execute(delete(timer).where(timer.c.definition_id.in_(older)))
        listening = ctx.session.execute(
            select(subscription).where(subscription.c.definition_id.in_(older)).order_by(subscription.c.id)
        )
        before = {row.id: (row.kind, row.name) for row in listening}
        if process.executable:
            _subscribe(ctx, deployments.latest(ctx.session, key), process, before)
        if before:
            ctx.session.execute(delete(subscription).where(subscription.c.id.in_(before)))


def _subscribe(
    ctx: CommandContext, definition: deployments.Definition, process: Process, before: dict[int, Any]
) -> None:
    for element, number, event in event_starts(process):
        row = {"definition_id": definition.id, "element": element.id, "event": number}
        if event.kind in ("message", "signal"):
            _listen(ctx, {**row, "kind": event.kind, "name": event.name}, before)
        elif event.timer is not None:
            following = _first(ctx, definition, element, event)
            if following is not None:
                ctx.session.execute(insert(timer), [row | {"due_at": following[0], "repeat": following[1]}])


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


def _first(
    ctx: CommandContext, definition: deployments.Definition, element: Element, event: Event
) -> tuple[Any, Any] | None:
    """When a start timer is first due from now on; None when all that lies in the past."""
    if event.timer is None:
        return None
    try:
        due_at, repeat = timing.first_due(ctx, event.timer.kind, _text(ctx, event.timer.text))
    except (PlanFlowError, BpmnError) as error:
        found = Problem(definition.resource_name, element.id, element.name, str(error), "bpmn.timer")
        raise NotDeployable([found]) from error
    if due_at > ctx.now:
        return due_at, repeat
    return None if repeat is None else timing.round_after(ctx.now, repeat, ctx.timezone)


def _text(ctx: CommandContext, text: str) -> Any:
    """The timer's text; an expression sees no variables yet, only the time."""
    if not text.startswith("="):
        return text
    return ctx.evaluate(text[1:], {"now": ctx.now.isoformat(), "today": ctx.today.isoformat()})
