"""Figures of the moment for whoever watches over an installation: what waits, and for how long."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.jobs.listing import SHOWN
from engine.jobs.rows import is_due
from engine.storage.tables import incident, job


@dataclass(frozen=True)
class Figures:
    """Jobs by status as ``GET /jobs`` calls them, how many are due and for how many seconds the oldest of those has
    been, and incidents that are open."""

    jobs: Mapping[str, int]
    due: int
    oldest_due_seconds: float
    incidents: int


def figures(session: Session, now: datetime) -> Figures:
    """Count them."""
    rows = session.execute(select(job.c.status, func.count()).group_by(job.c.status))
    counted = {row[0]: row[1] for row in rows}
    due, oldest = session.execute(select(func.count(), func.min(job.c.try_at)).where(is_due(now))).one()
    incidents = session.scalar(select(func.count()).where(incident.c.resolved_at.is_(None)))
    return Figures(
        jobs={shown: counted.get(status, 0) for shown, status in SHOWN.items()},
        due=due,
        oldest_due_seconds=max((now - oldest).total_seconds(), 0.0) if oldest else 0.0,
        incidents=incidents or 0,
    )
