"""Heartbeats: workers say that they are there, so that others can tell when nobody does what is due."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from engine.storage.tables import worker

SERVER, WORKER, CELERY, DISPATCHER = "server", "worker", "celery", "dispatcher"
"""A worker inside a server; one alone; one that takes jobs from a broker; a server that hands jobs to a broker."""
KINDS = (SERVER, WORKER, CELERY, DISPATCHER)
EVERY = timedelta(seconds=15)
"""How often a worker says so."""
GONE_AFTER = timedelta(seconds=60)
"""A worker that said nothing for so long is taken for gone."""
FORGOTTEN_AFTER = timedelta(days=1)
"""For how long one that is gone is still told of."""


@dataclass(frozen=True)
class Heartbeat:
    """A worker by its name, which tells the machine and the process. Moments are UTC, by that machine's clock."""

    name: str
    kind: str
    started_at: datetime
    seen_at: datetime

    def alive(self, now: datetime) -> bool:
        """Whether it was heard of lately. A clock that runs ahead is no sign of life for ever."""
        return abs(now - self.seen_at) <= GONE_AFTER

    @property
    def does_jobs(self) -> bool:
        """Whether it does jobs, and not only hands them over."""
        return self.kind != DISPATCHER


def beat(session: Session, name: str, kind: str, started_at: datetime, now: datetime) -> None:
    """Note that this worker is there. Those that were not heard of for a day are forgotten."""
    known = session.execute(update(worker).where(worker.c.name == name).values(seen_at=now))
    if not getattr(known, "rowcount", 0):
        session.execute(insert(worker).values(name=name, kind=kind, started_at=started_at, seen_at=now))
    session.execute(delete(worker).where(worker.c.seen_at < now - FORGOTTEN_AFTER))


def leave(session: Session, name: str) -> None:
    """This worker has ended as it should."""
    session.execute(delete(worker).where(worker.c.name == name))


def workers(session: Session) -> list[Heartbeat]:
    """All that are known, the one that was heard of last first."""
    columns = (worker.c.name, worker.c.kind, worker.c.started_at, worker.c.seen_at)
    latest_first = select(*columns).order_by(worker.c.seen_at.desc(), worker.c.name)
    return [Heartbeat(*row) for row in session.execute(latest_first)]


def somebody_works(known: Iterable[Heartbeat], now: datetime) -> bool:
    """Whether there is a worker that does jobs."""
    return any(each.does_jobs and each.alive(now) for each in known)
