"""Handing over: an instance goes on with what it waited for, or a process is started by it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Row, select

from engine import deployments, instances, recording
from engine.commands import Result
from engine.context import CommandContext
from engine.errors import BpmnError, Conflict, Invalid
from engine.execution.faults import Fault
from engine.execution.started import Started
from engine.messages import translatable as _
from engine.messaging.keys import business_key
from engine.messaging.letter import Letter
from engine.sandbox.sandbox import ScriptFailed
from engine.storage.tables import instance, subscription


def hand_over(ctx: CommandContext, row: Row[Any], letter: Letter) -> Result:
    """Give it to the instance that waits, or start the process that waits to be started by it.

    Raises Conflict when the instance does not wait any more, and Invalid when it cannot take what is carried.
    """
    return _start(ctx, row, letter) if row.instance_id is None else _deliver(ctx, row, letter)


def _deliver(ctx: CommandContext, row: Row[Any], letter: Letter) -> Result:
    loaded = instances.load(ctx, select(instance).where(instance.c.id == row.instance_id))
    task = loaded.live.find(row.token)
    still = select(subscription.c.id).where(subscription.c.id == row.id)
    if task is None or ctx.session.execute(still).first() is None:
        raise Conflict(_("Somebody else handed over “%(name)s” at the same moment."), name=letter.name)
    keys = {"correlation": dict(letter.correlation)} if letter.kind == "message" else {}
    received = recording.event(
        ctx,
        f"{letter.kind}.received",
        task.task_spec.process.definition_id,
        task.task_spec.element,
        token=row.token,
        **{letter.kind: letter.name},
        **keys,
    )
    with _taking(letter):
        task.task_spec.trigger(task, letter.payload, row.event, letter.correlation)
    return instances.save(ctx, loaded, [received])


def _start(ctx: CommandContext, row: Row[Any], letter: Letter) -> Result:
    definition = deployments.definition(ctx.session, row.definition_id)
    started = Started(row.element, row.event, letter.payload, letter.correlation)
    key = business_key(letter.correlation)
    with _taking(letter):
        return instances.begin(ctx, definition, {}, key, started, letter.starter)


@contextmanager
def _taking(letter: Letter) -> Iterator[None]:
    """What a message or signal carries may be nothing that its receiver can use: then nothing has happened."""
    try:
        yield
    except (Fault, ScriptFailed, BpmnError) as error:
        raise Invalid(
            _("“%(name)s” cannot be taken: %(reason)s"), name=letter.name, reason=str(error)
        ) from error
