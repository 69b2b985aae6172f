"""What the latest version of each process is started by: messages, signals and timers, noted when it is deployed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, insert, select

from engine import deployments
from engine.bpmn.model import Process
from engine.context import CommandContext
from engine.execution import timing
from engine.message_keys import key_hash
from engine.starting import event_starts
from engine.storage.tables import process_definition, subscription, timer


def subscribe_starts(ctx: CommandContext, processes: Mapping[str, Process]) -> None:
    """Let the latest version of each process listen for what starts it, and no older one."""
    for key, process in processes.items():
        older = select(process_definition.c.id).where(process_definition.c.key == key)
        for table in (subscription, timer):
            ctx.session.execute(delete(table).where(table.c.definition_id.in_(older)))
        if process.executable:
            definition = deployments.latest(ctx.session, key)
            _subscribe(ctx, definition.id, process)


def _subscribe(ctx: CommandContext, definition_id: int, process: Process) -> None:
    for element, number, event in event_starts(process):
        row: dict[str, Any] = {"definition_id": definition_id, "element": element.id, "event": number}
        if event.kind in ("message", "signal"):
            listens: dict[str, Any] = {
                "kind": event.kind,
                "name": event.name,
                "correlation": {},
                "key_hash": key_hash({}),
            }
            ctx.session.execute(insert(subscription), [row | listens])
        elif event.timer is not None:
            due_at, repeat = timing.first_due(ctx, event.timer.kind, _text(ctx, event.timer.text))
            if due_at > ctx.now:  # what was to start in the past has started, or never will
                ctx.session.execute(insert(timer), [row | {"due_at": due_at, "repeat": repeat}])


def _text(ctx: CommandContext, text: str) -> Any:
    """The timer's text; an expression sees no variables yet, only the time."""
    if not text.startswith("="):
        return text
    return ctx.evaluate(text[1:], {"now": ctx.now.isoformat(), "today": ctx.today.isoformat()})
