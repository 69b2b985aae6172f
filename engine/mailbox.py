"""The mailbox: messages and signals that processes throw, on their way to whoever waits for them.

A message is for one receiver and is kept until its time is over; a signal is for everybody who listens at the moment
it is thrown. Both are rows, written by the command that throws them, and delivered when that is committed, each in a
transaction of its own. A message that nobody can be given now waits here for somebody who begins to wait.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, exists, func, insert, or_, select, update
from sqlalchemy.orm import Session

from engine.context import CommandContext
from engine.execution import records as happened
from engine.message_keys import choices
from engine.storage.tables import message, message_key, subscription

TIME_TO_LIVE = timedelta(days=30)
"""How long a message that a process has sent waits for its receiver."""
FIRST_RETRY = timedelta(seconds=10)
LONGEST_RETRY = timedelta(minutes=10)
ANY_KEYS = "*"
"""In place of hashes: the keys are too many, and are compared one by one."""


@dataclass(frozen=True)
class Letter:
    """A message or signal to be handed over. ``starter`` is on whose behalf a process is that it starts."""

    name: str
    starter: str
    correlation: Mapping[str, Any] = field(default_factory=dict)
    payload: Mapping[str, Any] = field(default_factory=dict)
    kind: str = "message"


def post(ctx: CommandContext, thrown: Collection[happened.MessageThrown | happened.SignalThrown]) -> None:
    """Put what an instance has thrown into the mailbox."""
    for each in thrown:
        if isinstance(each, happened.MessageThrown):
            letter = Letter(each.name, ctx.on_behalf, each.correlation, each.payload)
            keep(ctx, letter, ctx.now + TIME_TO_LIVE)
        else:
            _broadcast(ctx, Letter(each.name, ctx.on_behalf, {}, each.payload, "signal"))


def keep(ctx: CommandContext, letter: Letter, expires_at: datetime) -> None:
    """Keep a message until somebody takes it or its time is over."""
    done: Any = ctx.session.execute(insert(message).values(_row(ctx, letter, expires_at)))
    hashes = choices(letter.correlation) or [ANY_KEYS]
    rows = [{"message_id": done.inserted_primary_key[0], "key_hash": each} for each in hashes]
    ctx.session.execute(insert(message_key), rows)
    ctx.mail.add(letter.name)


def _broadcast(ctx: CommandContext, letter: Letter) -> None:
    """A copy of a signal for everybody who listens now, except the instance itself, which has it already."""
    query = select(subscription.c.id).where(
        subscription.c.kind == "signal",
        subscription.c.name == letter.name,
        or_(subscription.c.instance_id.is_(None), subscription.c.instance_id != ctx.instance_id),
    )
    listeners = list(ctx.session.scalars(query.order_by(subscription.c.id)))
    if listeners:
        row = _row(ctx, letter, ctx.now + TIME_TO_LIVE)
        ctx.session.execute(insert(message), [{**row, "subscription_id": listener} for listener in listeners])
        ctx.mail.add(letter.name)


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


def deliverable(
    session: Session, now: datetime, limit: int, names: Collection[str] | None = None
) -> list[int]:
    """Ids of what somebody might take now, oldest first; of these names only, if any are given.

    What could not be handed over is left alone for a while, unless it is asked for by name.
    """
    asked = or_(subscription.c.key_hash == message_key.c.key_hash, message_key.c.key_hash == ANY_KEYS)
    somebody_waits = exists().where(
        message_key.c.message_id == message.c.id,
        subscription.c.kind == "message",
        subscription.c.name == message.c.name,
        asked,
    )
    query = select(message.c.id).where(
        message.c.expires_at > now, or_(message.c.subscription_id.is_not(None), somebody_waits)
    )
    query = query.where(message.c.try_at <= now if names is None else message.c.name.in_(sorted(names)))
    return list(session.scalars(query.order_by(message.c.id).limit(limit)))


def postpone(session: Session, message_id: int, now: datetime) -> None:
    """It could not be handed over: leave it alone for a while, longer each time."""
    attempts = session.scalar(select(message.c.attempts).where(message.c.id == message_id))
    if attempts is not None:
        wait = min(FIRST_RETRY * 2 ** min(attempts, 16), LONGEST_RETRY)
        changed = {"attempts": attempts + 1, "try_at": now + wait}
        session.execute(update(message).where(message.c.id == message_id).values(**changed))


def forget_expired(session: Session, now: datetime) -> int:
    """Throw away what nobody has taken in time. Returns how many that were."""
    gone = session.scalar(select(func.count()).select_from(message).where(message.c.expires_at <= now)) or 0
    if gone:
        session.execute(delete(message).where(message.c.expires_at <= now))
    return gone
