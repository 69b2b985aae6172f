"""Messages from outside find the one who waits for them, by name and by every correlation key."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain, combinations
from typing import Any

from sqlalchemy import Row, delete, insert, select

from engine import deployments, instances, recording
from engine.bpmn.model import Process
from engine.commands import CorrelateMessage, Result
from engine.context import CommandContext
from engine.errors import Conflict, Forbidden, NotFound
from engine.messages import translatable as _
from engine.storage.tables import instance, process_definition, subscription

MAY_SEND = ("administrator", "integration")
MAX_LOOKED_UP = 6
"""Keys up to which a receiver is looked up by its hash: 64 choices. Beyond, all receivers are gone through."""


def correlate(ctx: CommandContext, command: CorrelateMessage) -> Result:
    """Hand a message over. A waiting instance comes before a process that the message would start.

    Raises NotFound when nobody waits for it, Conflict when several instances do.
    """
    if not ctx.actor.belongs_to(*MAY_SEND):
        raise Forbidden(_("You may not send messages to processes."))
    fitting = [row for row in _waiting(ctx, command) if _fits(row.correlation, command.correlation)]
    waiting = [row for row in fitting if row.instance_id is not None]
    if len({row.instance_id for row in waiting}) > 1:
        raise Conflict(
            _("%(count)d processes wait for “%(name)s” with these keys; say which."),
            count=len(waiting),
            name=command.name,
        )
    if waiting:
        return _deliver(ctx, waiting[0], command)
    if fitting:
        return _start(ctx, fitting[0], command)
    raise NotFound(_("Nobody waits for the message “%(name)s” with these keys."), name=command.name)


def subscribe_starts(ctx: CommandContext, processes: Mapping[str, Process]) -> None:
    """Let the latest version of each process listen for the messages that start it, and no older one."""
    for key, process in processes.items():
        older = select(process_definition.c.id).where(process_definition.c.key == key)
        ctx.session.execute(delete(subscription).where(subscription.c.definition_id.in_(older)))
        definition = deployments.latest(ctx.session, key)
        rows: list[dict[str, Any]] = [
            {
                "definition_id": definition.id,
                "element": start.id,
                "message": start.event.name,
                "correlation": {},
                "key_hash": recording.key_hash({}),
            }
            for start in process.scope.starts
            if not start.starts_unasked
        ]
        if rows and process.executable:
            ctx.session.execute(insert(subscription), rows)


def _waiting(ctx: CommandContext, command: CorrelateMessage) -> list[Row[Any]]:
    """Whoever waits for a message of this name, and, where the keys are few, for just some of these keys."""
    query = select(subscription).where(subscription.c.message == command.name).order_by(subscription.c.id)
    if len(command.correlation) <= MAX_LOOKED_UP:
        query = query.where(subscription.c.key_hash.in_(_hashes(command.correlation)))
    return list(ctx.session.execute(query))


def _hashes(given: Mapping[str, Any]) -> list[str]:
    """The hash of every choice of keys that a receiver could be content with."""
    choices = chain.from_iterable(combinations(given.items(), number) for number in range(len(given) + 1))
    return [recording.key_hash(dict(choice)) for choice in choices]


def _fits(wanted: Mapping[str, Any], given: Mapping[str, Any]) -> bool:
    """All keys wanted are there, with values that are the same to every reader of JSON: 1 is 1.0, and not true."""
    return wanted.keys() <= given.keys() and recording.key_hash(
        {key: given[key] for key in wanted}
    ) == recording.key_hash(dict(wanted))


def _deliver(ctx: CommandContext, row: Row[Any], command: CorrelateMessage) -> Result:
    loaded = instances.load(ctx, select(instance).where(instance.c.id == row.instance_id))
    task = loaded.live.find(row.token)
    still = select(subscription.c.id).where(subscription.c.id == row.id)
    if task is None or ctx.session.execute(still).first() is None:
        raise Conflict(_("Somebody else handed over “%(name)s” at the same moment."), name=command.name)
    received = recording.event(
        ctx,
        "message.received",
        task.task_spec.process.definition_id,
        task.task_spec.element,
        token=row.token,
        message=command.name,
        correlation=dict(command.correlation),
    )
    task.task_spec.trigger(task, command.payload)
    return instances.save(ctx, loaded, [received])


def _start(ctx: CommandContext, row: Row[Any], command: CorrelateMessage) -> Result:
    definition = deployments.definition(ctx.session, row.definition_id)
    business_key = command.correlation.get("business_key")
    key = business_key if isinstance(business_key, str) else None
    return instances.begin(ctx, definition, command.payload, key, start_event=row.element)
