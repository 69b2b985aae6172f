"""The mailbox: messages and signals that processes throw, on their way to whoever waits for them.

A message is for one receiver and is kept until its time is over; a signal is for everybody who listens at the moment
it is thrown. Both are rows, written by the command that throws them, and delivered when that is committed, each in a
transaction of its own. A message that nobody can be given now waits here for somebody who begins to wait.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, delete, exists, insert, or_, select, tuple_, update
from sqlalchemy.orm import Session

from engine.context import CommandContext
from engine.execution import records as happened
from engine.execution.faults import tellable
from engine.mail import Mail
from engine.message_keys import choices
from engine.storage.tables import message, message_key, subscription

TIME_TO_LIVE = timedelta(days=30)
"""How long a message that a process has sent waits for its receiver."""
FIRST_RETRY = timedelta(seconds=10)
LONGEST_RETRY = timedelta(minutes=10)
LOOK_AGAIN = timedelta(minutes=1)
"""After which the worker looks again whether somebody waits for a message, should whoever began to not have looked."""
ANY_KEYS = "*"
"""In place of hashes: the keys are too many, and are compared one by one."""
BATCH = 1_000
"""Rows that are put aside or thrown away in one transaction."""


@dataclass(frozen=True)
class Letter:
    """A message or signal to be handed over. ``starter`` is on whose behalf a process is that it starts."""

    name: str
    starter: str
    correlation: Mapping[str, Any] = field(default_factory=dict)
    payload: Mapping[str, Any] = field(default_factory=dict)
    kind: str = "message"


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


# What is to be delivered


def due(session: Session, now: datetime, limit: int) -> list[int]:
    """Ids of what somebody might take, oldest first. What could not be handed over is left alone for a while."""
    query = _deliverable(now).where(message.c.try_at <= now)
    return list(session.scalars(query.order_by(message.c.id).limit(limit)))


def due_now(session: Session, now: datetime, mail: Mail, limit: int) -> list[int]:
    """Ids of what a command has sent, and of what was kept for those that it lets wait; oldest first."""
    wanted: list[ColumnElement[bool]] = []
    if mail.sent:
        wanted.append(message.c.id.in_(mail.sent[:limit]))
    if mail.awaited:
        asked = sorted(mail.awaited)[:limit]
        hashes = {hashed for _name, hashed in asked} | {ANY_KEYS}
        kept = select(message_key.c.message_id).where(message_key.c.key_hash.in_(sorted(hashes)))
        exact = exists().where(
            message_key.c.message_id == message.c.id,
            or_(
                tuple_(message.c.name, message_key.c.key_hash).in_(asked),
                message_key.c.key_hash == ANY_KEYS,
            ),
        )
        named = message.c.name.in_(sorted({name for name, _hashed in asked}))
        wanted.append(and_(named, message.c.id.in_(kept), exact))
    query = _deliverable(now).where(or_(*wanted))
    return list(session.scalars(query.order_by(message.c.id).limit(limit)))


def _deliverable(now: datetime) -> Any:
    return select(message.c.id).where(
        message.c.expires_at > now, or_(message.c.subscription_id.is_not(None), _somebody_waits())
    )


def _somebody_waits() -> ColumnElement[bool]:
    asked = or_(subscription.c.key_hash == message_key.c.key_hash, message_key.c.key_hash == ANY_KEYS)
    return exists().where(
        message_key.c.message_id == message.c.id,
        subscription.c.kind == "message",
        subscription.c.name == message.c.name,
        asked,
    )


def postpone(session: Session, message_id: int, now: datetime, reason: str) -> None:
    """It could not be handed over: leave it alone for a while, longer each time."""
    attempts = session.scalar(select(message.c.attempts).where(message.c.id == message_id))
    if attempts is not None:
        wait = min(FIRST_RETRY * 2 ** min(attempts, 16), LONGEST_RETRY)
        changed = {"attempts": attempts + 1, "try_at": now + wait, "error": tellable(reason)}
        session.execute(update(message).where(message.c.id == message_id).values(**changed))


# What nobody takes


def put_aside(session: Session, now: datetime) -> None:
    """Leave alone for a while what nobody waits for. Whoever begins to wait asks for it by themselves."""
    idle = message.c.try_at <= now, message.c.subscription_id.is_(None), ~_somebody_waits()
    ids = _free(session, *idle)
    if ids:
        session.execute(update(message).where(message.c.id.in_(ids)).values(try_at=now + LOOK_AGAIN))


def anything_to_put_aside(session: Session, now: datetime) -> bool:
    """Whether something is due that nobody waits for."""
    idle = message.c.try_at <= now, message.c.subscription_id.is_(None), ~_somebody_waits()
    return session.execute(select(message.c.id).where(*idle).limit(1)).first() is not None


def forget_expired(session: Session, now: datetime) -> int:
    """Throw away what nobody has taken in time. Returns how many that were, a batch at most."""
    ids = _free(session, message.c.expires_at <= now)
    if ids:
        session.execute(delete(message).where(message.c.id.in_(ids)))
    return len(ids)


def _free(session: Session, *conditions: ColumnElement[bool]) -> list[int]:
    """Ids of a batch of messages, locked; those that somebody is about to deliver are left out."""
    query = select(message.c.id).where(*conditions).order_by(message.c.id).limit(BATCH)
    return list(session.scalars(query.with_for_update(skip_locked=True)))
