"""Notices (policy C5, M6, Q7): a text to people, shown to each until it is read."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from engine import NotFound
from engine.messages import translatable
from plans.tables import notice, notice_recipient


@dataclass(frozen=True)
class Notice:
    """A notice as one recipient sees it; ``read_at`` is None until they have read it."""

    id: str
    subject: str
    body: str
    plan_id: str | None
    instance_id: str | None
    sent_by: str
    sent_at: datetime
    read_at: datetime | None


@dataclass(frozen=True)
class Draft:
    """A notice before it is sent."""

    subject: str
    body: str
    sent_by: str
    plan_id: str | None = None
    instance_id: str | None = None


def send(session: Session, draft: Draft, recipients: Collection[str], now: datetime) -> str | None:
    """Send a notice to these people, once to each; return its id, or None when there is nobody to tell."""
    people = sorted(set(recipients))
    if not people:
        return None
    notice_id = str(uuid.uuid4())
    values = {name: getattr(draft, name) for name in Draft.__annotations__}
    session.execute(insert(notice).values(id=notice_id, sent_at=now, **values))
    rows = [{"notice_id": notice_id, "person": name} for name in people]
    session.execute(insert(notice_recipient), rows)
    return notice_id


def mark_read(session: Session, notice_id: str, name: str, now: datetime) -> None:
    """Note that this person has read the notice. Raises :class:`NotFound` unless it was sent to them."""
    mine = (notice_recipient.c.notice_id == notice_id) & (notice_recipient.c.person == name)
    if session.scalar(select(notice_recipient.c.person).where(mine)) is None:
        raise NotFound(translatable("There is no notice %(id)s for you."), id=notice_id)
    session.execute(
        update(notice_recipient).where(mine, notice_recipient.c.read_at.is_(None)).values(read_at=now)
    )
