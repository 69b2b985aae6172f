"""Tokens for programs that call the API in a person's name. Only the SHA-256 of a token is stored."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import insert, or_, select, update
from sqlalchemy.orm import Session

from engine import NotFound
from engine.messages import translatable
from plans.organisation import people
from plans.tables import api_token, person

PREFIX = "pf_"
USE_NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class Token:
    """A token as its owner sees it later: everything but the token itself."""

    id: str
    person: str
    label: str
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


def create_token(session: Session, user: str, *, now: datetime, label: str = "") -> str:
    """A new token of this person. It is returned this once and cannot be read again.

    Raises :class:`Invalid` for a label that is not one line of at most 200 characters.
    """
    people.require(session, user)
    label = people.checked_line(label, "label") if label.strip() else ""
    token = PREFIX + secrets.token_urlsafe(32)
    session.execute(
        insert(api_token).values(
            id=str(uuid.uuid4()), sha256=_digest(token), person=user, label=label, created_at=now
        )
    )
    return token


def resolve(session: Session, token: str) -> str | None:
    """Whose token this is; None when unknown, revoked, or the person is not active. Only reads."""
    if not token.startswith(PREFIX):
        return None
    wanted = (
        select(person.c.name)
        .join(api_token, api_token.c.person == person.c.name)
        .where(api_token.c.sha256 == _digest(token), api_token.c.revoked_at.is_(None), person.c.active)
    )
    return session.scalar(wanted)


def note_use(session: Session, token: str, now: datetime) -> None:
    """Remember that a token was used, to the minute."""
    session.execute(
        update(api_token)
        .where(
            api_token.c.sha256 == _digest(token),
            or_(api_token.c.last_used_at.is_(None), api_token.c.last_used_at < now - USE_NOTED_EVERY),
        )
        .values(last_used_at=now)
    )


def list_tokens(session: Session, user: str) -> list[Token]:
    """A person's tokens, newest first, revoked ones too."""
    mine = select(api_token).where(api_token.c.person == user).order_by(api_token.c.created_at.desc())
    return [
        Token(row.id, row.person, row.label, row.created_at, row.last_used_at, row.revoked_at)
        for row in session.execute(mine)
    ]


def revoke(session: Session, token_id: str, user: str, now: datetime) -> None:
    """End a token of this person at once. Raises :class:`NotFound` when there is none; twice is once."""
    mine = (api_token.c.id == token_id) & (api_token.c.person == user)
    if session.scalar(select(api_token.c.id).where(mine)) is None:
        raise NotFound(translatable("There is no such token."))
    session.execute(update(api_token).where(mine, api_token.c.revoked_at.is_(None)).values(revoked_at=now))


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
