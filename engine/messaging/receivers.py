"""Receivers: who gets a message, by its name and by every correlation key, and who listens to a signal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row, func, select

from engine import deployments
from engine.context import CommandContext
from engine.messaging.keys import business_key, choices, fits
from engine.starting.events import starts_one_at_a_time
from engine.storage.tables import instance, subscription


def receiver(ctx: CommandContext, name: str, keys: Mapping[str, Any]) -> Row[Any] | None:
    """Who gets a message: the instance that has waited longest, or else the process that it starts."""
    return chosen(ctx, fitting(ctx, name, keys), keys)


def listener(ctx: CommandContext, subscription_id: int) -> Row[Any] | None:
    """Who listened to a signal, if they still do."""
    return ctx.session.execute(select(subscription).where(subscription.c.id == subscription_id)).first()


def chosen(ctx: CommandContext, rows: list[Row[Any]], keys: Mapping[str, Any]) -> Row[Any] | None:
    """The one of those whom a message fits that gets it."""
    for row in rows:
        if row.instance_id is not None:
            return row
    return next((row for row in rows if _may_start_one(ctx, row, keys)), None)


def fitting(ctx: CommandContext, name: str, keys: Mapping[str, Any]) -> list[Row[Any]]:
    """All whom a message fits, longest waiting first."""
    return [row for row in _waiting(ctx, name, keys) if fits(row.correlation, keys)]


def _waiting(ctx: CommandContext, name: str, keys: Mapping[str, Any]) -> list[Row[Any]]:
    """Whoever waits for a message of this name, and, where the keys are few, for just some of these keys."""
    query = select(subscription).where(subscription.c.kind == "message", subscription.c.name == name)
    hashes = choices(keys)
    if hashes is not None:
        query = query.where(subscription.c.key_hash.in_(hashes))
    return list(ctx.session.execute(query.order_by(subscription.c.id)))


def _may_start_one(ctx: CommandContext, row: Row[Any], keys: Mapping[str, Any]) -> bool:
    """Whether a message may start a process: where the model asks for it, only one runs for a business key."""
    definition = deployments.definition(ctx.session, row.definition_id)
    spec = ctx.services.definitions.spec(ctx.session, definition.id)
    if not starts_one_at_a_time(spec.model.scope.elements[row.element]):
        return True
    key = business_key(keys)
    if key is None:
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
