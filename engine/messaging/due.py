"""What is due in the mailbox, what is put off, and what nobody takes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, exists, or_, select, tuple_, update
from sqlalchemy.orm import Session

from engine.execution.faults import tellable
from engine.messaging.mail import Mail
from engine.messaging.mailbox import ANY_KEYS
from engine.storage.tables import message, message_key, subscription

FIRST_RETRY = timedelta(seconds=10)
LONGEST_RETRY = timedelta(minutes=10)
LOOK_AGAIN = timedelta(minutes=1)
"""After which the worker looks again whether somebody waits for a message, should whoever began to not have looked."""
BATCH = 1_000
"""Rows that are put aside or thrown away in one transaction."""


def by_now(session: Session, now: datetime, limit: int) -> list[int]:
    """Ids of what somebody might take, oldest first. What could not be handed over is left alone for a while."""
    query = _deliverable(now).where(message.c.try_at <= now)
    return list(session.scalars(query.order_by(message.c.id).limit(limit)))


def set_off(session: Session, now: datetime, mail: Mail, limit: int) -> list[int]:
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
    ids = _free(session, *_idle(now))
    if ids:
        session.execute(update(message).where(message.c.id.in_(ids)).values(try_at=now + LOOK_AGAIN))


def anything_to_put_aside(session: Session, now: datetime) -> bool:
    """Whether something is due that nobody waits for."""
    return session.execute(select(message.c.id).where(*_idle(now)).limit(1)).first() is not None


def _idle(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return message.c.try_at <= now, message.c.subscription_id.is_(None), ~_somebody_waits()


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
