"""Sessions of people who signed in: what ends them before their time.

The session itself lies in the browser, signed. It holds while the password is the one it began with and nobody
has ended it.
"""

from __future__ import annotations

import hashlib
from datetime import datetime

from sqlalchemy import delete, exists, insert, select
from sqlalchemy.orm import Session

from plans.tables import ended_session, person


def stamp(session: Session, name: str) -> str | None:
    """What a session keeps of the password it began with; None for a person who has none.

    Argon2's salt and output are in it, so that nothing can be guessed from it.
    """
    stored = session.scalar(select(person.c.password_hash).where(person.c.name == name))
    return None if stored is None else _stamp_of(stored)


def holds(session: Session, name: str, sign_in: str, stamped: str) -> bool:
    """Whether a session still holds: not ended, and the password is the one that it began with."""
    ended = exists().where(ended_session.c.id == sign_in)
    row = session.execute(
        select(person.c.password_hash, ended.label("ended")).where(person.c.name == name)
    ).one_or_none()
    if row is None or row.ended or row.password_hash is None:
        return False
    return _stamp_of(row.password_hash) == stamped


def end(session: Session, sign_in: str, now: datetime, forget_at: datetime) -> None:
    """End a session. It is remembered until ``forget_at``, when it would have ended by itself."""
    session.execute(delete(ended_session).where(ended_session.c.forget_at < now))
    known = select(ended_session.c.id).where(ended_session.c.id == sign_in)
    if session.scalar(known) is None:
        session.execute(insert(ended_session).values(id=sign_in, forget_at=forget_at))


def _stamp_of(password_hash: str) -> str:
    return hashlib.sha256(password_hash.encode()).hexdigest()[:32]
