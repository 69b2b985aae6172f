"""Heartbeats: workers say that they are there, so that others can tell when nobody does what is due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from engine.storage.tables import worker

EVERY = timedelta(seconds=15)
"""How often a worker says so."""
GONE_AFTER = timedelta(seconds=60)
"""A worker that said nothing for so long is taken for gone."""
FORGOTTEN_AFTER = timedelta(days=1)


@dataclass(frozen=True)
class Heartbeat:
    """A worker: ``kind`` is ``server``, ``worker``, ``celery`` or ``dispatcher``; moments are UTC."""

    name: str
    kind: str
    started_at: datetime
    seen_at: datetime

    def alive(self, now: datetime) -> bool:
        """Whether it was heard of lately, by whichever clock."""
        return abs(now - self.seen_at) <= GONE_AFTER


def beat(session: Session, name: str, kind: str, now: datetime) -> None:
    """Note that this worker is there. Those that were not heard of for a day are forgotten."""
    known = session.execute(update(worker).where(worker.c.name == name).values(seen_at=now))
    if not getattr(known, "rowcount", 0):
        session.execute(insert(worker).values(name=name, kind=kind, started_at=now, seen_at=now))
        session.execute(delete(worker).where(worker.c.seen_at < now - FORGOTTEN_AFTER))


def leave(session: Session, name: str) -> None:
    """This worker has ended as it should."""
    session.execute(delete(worker).where(worker.c.name == name))


def workers(session: Session) -> list[Heartbeat]:
    """All that were heard of within a day, the last first."""
    columns = (worker.c.name, worker.c.kind, worker.c.started_at, worker.c.seen_at)
    return [Heartbeat(*row) for row in session.execute(select(*columns).order_by(worker.c.seen_at.desc()))]
