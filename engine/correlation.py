"""Messages find the one who waits for them, by name and by every correlation key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row, func, select

from engine import deployments, instances, mailbox, recording
from engine.commands import CorrelateMessage, Result
from engine.context import CommandContext
from engine.errors import Conflict, Forbidden, NotFound
from engine.execution import timing
from engine.execution.started import Started
from engine.mailbox import Letter
from engine.message_keys import choices, fits
from engine.messages import translatable as _
from engine.storage.tables import instance, subscription

MAY_SEND = ("administrator", "integration")


def correlate(ctx: CommandContext, command: CorrelateMessage) -> Result:
    """Hand a message over that comes from outside. A waiting instance comes before a process that it would start.

    Raises Conflict when several instances wait for it, and NotFound when nobody does and it is not to be kept.
    """
    if not ctx.actor.belongs_to(*MAY_SEND):
        raise Forbidden(_("You may not send messages to processes."))
    letter = Letter(command.name, ctx.actor.user, command.correlation, command.payload)
    waiting = {row.instance_id for row in _fitting(ctx, command.name, command.correlation) if row.instance_id}
    if len(waiting) > 1:
        raise Conflict(
            _("%(count)d processes wait for “%(name)s” with these keys; say which."),
            count=len(waiting),
            name=command.name,
        )
    found = receiver(ctx, command.name, command.correlation)
    if found is not None:
        return hand_over(ctx, found, letter)
    if command.time_to_live is None:
        raise NotFound(_("Nobody waits for the message “%(name)s” with these keys."), name=command.name)
    mailbox.keep(ctx, letter, timing.after(ctx.now, command.time_to_live, ctx.timezone))
    return Result("", "kept", 0)


def receiver(ctx: CommandContext, name: str, keys: Mapping[str, Any]) -> Row[Any] | None:
    """Who gets a message: the instance that has waited longest, or else the process that it starts."""
    fitting = _fitting(ctx, name, keys)
    starts = (row for row in fitting if row.instance_id is None and _may_start_one(ctx, row, keys))
    return next((row for row in fitting if row.instance_id is not None), None) or next(starts, None)


def listener(ctx: CommandContext, subscription_id: int) -> Row[Any] | None:
    """Who listened to a signal, if they still do."""
    return ctx.session.execute(select(subscription).where(subscription.c.id == subscription_id)).first()


def hand_over(ctx: CommandContext, row: Row[Any], letter: Letter) -> Result:
    """Give it to the instance that waits, or start the process that waits to be started by it."""
    return _start(ctx, row, letter) if row.instance_id is None else _deliver(ctx, row, letter)


def _fitting(ctx: CommandContext, name: str, keys: Mapping[str, Any]) -> list[Row[Any]]:
    return [row for row in _waiting(ctx, name, keys) if fits(row.correlation, keys)]


def _waiting(ctx: CommandContext, name: str, keys: Mapping[str, Any]) -> list[Row[Any]]:
    """Whoever waits for a message of this name, and, where the keys are few, for just some of these keys."""
    query = select(subscription).where(subscription.c.kind == "message", subscription.c.name == name)
    hashes = choices(keys)
    if hashes is not None:
        query = query.where(subscription.c.key_hash.in_(hashes))
    return list(ctx.session.execute(query.order_by(subscription.c.id)))


def _deliver(ctx: CommandContext, row: Row[Any], letter: Letter) -> Result:
    loaded = instances.load(ctx, select(instance).where(instance.c.id == row.instance_id))
    task = loaded.live.find(row.token)
    still = select(subscription.c.id).where(subscription.c.id == row.id)
    if task is None or ctx.session.execute(still).first() is None:
        raise Conflict(_("Somebody else handed over “%(name)s” at the same moment."), name=letter.name)
    received = recording.event(
        ctx,
        f"{letter.kind}.received",
        task.task_spec.process.definition_id,
        task.task_spec.element,
        token=row.token,
        **{letter.kind: letter.name},
        correlation=dict(letter.correlation),
    )
    loaded.live.remember(letter.correlation)
    task.task_spec.trigger(task, letter.payload, row.event)
    return instances.save(ctx, loaded, [received])


def _start(ctx: CommandContext, row: Row[Any], letter: Letter) -> Result:
    definition = deployments.definition(ctx.session, row.definition_id)
    started = Started(row.element, row.event, letter.payload)
    key = _business_key(letter.correlation)
    return instances.begin(ctx, definition, {}, key, started, letter.starter, letter.correlation)


def _business_key(keys: Mapping[str, Any]) -> str | None:
    key = keys.get("business_key")
    return key if isinstance(key, str) else None


def _may_start_one(ctx: CommandContext, row: Row[Any], keys: Mapping[str, Any]) -> bool:
    """Whether a message may start a process: where the model asks for it, only one runs for a business key."""
    key = _business_key(keys)
    definition = deployments.definition(ctx.session, row.definition_id)
    spec = ctx.services.definitions.spec(ctx.session, definition.id)
    element = spec.model.scope.elements[row.element]
    if key is None or element.options.get("uniqueBusinessKey") != "true":
        return True
    _one_at_a_time(ctx, f"{definition.key}\n{key}")
    running = select(func.count()).where(
        instance.c.process_key == definition.key,
        instance.c.business_key == key,
        instance.c.status == "active",
    )
    return not ctx.session.scalar(running)


def _one_at_a_time(ctx: CommandContext, what: str) -> None:
    """Let those that would start the same follow one another. SQLite has one writer at a time anyway."""
    if ctx.session.get_bind().dialect.name == "postgresql":
        ctx.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(what, 0))))
