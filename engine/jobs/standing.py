"""Standing jobs: of some kinds there is always one job, whoever works sees to it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.jobs.kinds import Inside, Kinds
from engine.jobs.rows import enqueue
from engine.storage.database import Database
from engine.storage.tables import job

_LOCK = 0x4A4F4253  # any number that only this uses


def ensure(database: Database, kinds: Kinds, now: datetime) -> int:
    """Put in the standing jobs that are missing, one of each kind whoever else does the same. Returns how many."""
    wanted = sorted(name for name, kind in kinds.items() if isinstance(kind, Inside) and kind.standing)
    if not wanted:
        return 0
    with database.read() as session:
        missing = _missing(session, wanted)
    if not missing:
        return 0
    with database.write() as session:
        if session.get_bind().dialect.name == "postgresql":  # SQLite has one writer at a time
            session.execute(select(func.pg_advisory_xact_lock(_LOCK)))
        for name in (missing := _missing(session, wanted)):
            enqueue(session, name, {}, now)
    return len(missing)


def _missing(session: Session, wanted: list[str]) -> list[str]:
    there = set(session.scalars(select(job.c.kind).where(job.c.kind.in_(wanted)).distinct()))
    return [name for name in wanted if name not in there]
