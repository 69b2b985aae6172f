"""The mailbox: messages and signals are put into it, as rows, by the command that sends them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, insert, or_, select

from engine.context import CommandContext
from engine.execution import records as happened
from engine.messaging.keys import choices
from engine.messaging.letter import Letter
from engine.storage.tables import message, message_key, subscription

TIME_TO_LIVE = timedelta(days=30)
"""How long a message that a process has sent waits for its receiver."""
ANY_KEYS = "*"
"""In place of hashes: the keys are too many, and are compared one by one."""


def post(ctx: CommandContext, thrown: Collection[happened.MessageThrown | happened.SignalThrown]) -> None:
    """Put what an instance has thrown into the mailbox, in the order in which it was thrown."""
    messages = [each for each in thrown if isinstance(each, happened.MessageThrown)]
    letters = [Letter(each.name, ctx.on_behalf, each.correlation, each.payload) for each in messages]
    keep(ctx, letters, ctx.now + TIME_TO_LIVE)
    for each in thrown:
        if isinstance(each, happened.SignalThrown):
            broadcast(ctx, Letter(each.name, ctx.on_behalf, {}, each.payload, "signal"))


def keep(ctx: CommandContext, letters: Sequence[Letter], expires_at: datetime) -> None:
    """Keep messages until somebody takes them or their time is over."""
    keys = [
        {"message_id": row.id, "key_hash": each}
        for row in _put(ctx, [_row(ctx, letter, expires_at) for letter in letters])
        for each in choices(row.correlation) or [ANY_KEYS]
    ]
    if keys:
        ctx.session.execute(insert(message_key), keys)


def broadcast(ctx: CommandContext, letter: Letter) -> None:
    """A copy of a signal for everybody who listens now, except the instance itself, which has it already."""
    query = select(subscription.c.id).where(
        subscription.c.kind == "signal",
        subscription.c.name == letter.name,
        or_(subscription.c.instance_id.is_(None), subscription.c.instance_id != ctx.instance_id),
    )
    listeners = ctx.session.scalars(query.order_by(subscription.c.id))
    row = _row(ctx, letter, ctx.now + TIME_TO_LIVE)
    _put(ctx, [{**row, "subscription_id": listener} for listener in listeners])


def _put(ctx: CommandContext, rows: Sequence[dict[str, Any]]) -> Sequence[Row[Any]]:
    if not rows:
        return []
    statement = insert(message).returning(message.c.id, message.c.correlation)
    stored = ctx.session.execute(statement, rows).all()
    ctx.mail.sent += sorted(row.id for row in stored)
    return stored


def _row(ctx: CommandContext, letter: Letter, expires_at: datetime) -> dict[str, Any]:
    return {
        "kind": letter.kind,
        "name": letter.name,
        "correlation": dict(letter.correlation),
        "payload": dict(letter.payload),
        "starter": letter.starter,
        "sent_at": ctx.now,
        "expires_at": expires_at,
        "try_at": ctx.now,
    }
