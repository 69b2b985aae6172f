"""Lanes: the deliveries of one instance to one endpoint go one after the other.

Only the first delivery of a lane that is not over has a job; when it is over, it is the next one's turn. Whoever
changes a lane holds its lock until the commit, so that no delivery is left without its turn.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from engine.jobs import enqueue
from webhooks.outgoing.tables import delivery, event

KIND = "webhook"
"""The kind of job that sends a delivery."""
PENDING, DELIVERED, FAILED = "pending", "delivered", "failed"


def lock(session: Session, endpoint_id: str, lane: str) -> None:
    """Wait for whoever changes the lane. SQLite has one writer at a time anyway."""
    if session.get_bind().dialect.name == "postgresql":
        digest = hashlib.sha256(f"webhook lane\n{endpoint_id}\n{lane}".encode("utf-8", "replace")).digest()
        session.execute(select(func.pg_advisory_xact_lock(int.from_bytes(digest[:8], signed=True))))


def begin_turn(session: Session, endpoint_id: str, lane: str, now: datetime) -> None:
    """Give the first delivery of a lane its job, unless it has one. The lane is locked."""
    first = (
        select(delivery.c.id, delivery.c.job_id, delivery.c.next_try_at, event.c.origin)
        .join(event, event.c.id == delivery.c.event_id)
        .where(delivery.c.endpoint_id == endpoint_id, delivery.c.lane == lane, delivery.c.status == PENDING)
        .order_by(delivery.c.id)
        .limit(1)
    )
    row = session.execute(first).first()
    if row is not None and row.job_id is None:
        give_job(session, row.id, now, row.next_try_at or now, row.origin or {})


def give_job(
    session: Session,
    delivery_id: int,
    now: datetime,
    due_at: datetime,
    origin: Mapping[str, str] | None = None,
) -> None:
    """Let a delivery be sent when it is due. ``origin`` is what led to its event, if that is not what is done here."""
    job_id = enqueue(session, KIND, {"delivery": delivery_id}, now, due_at, origin=origin)
    session.execute(
        update(delivery).where(delivery.c.id == delivery_id).values(job_id=job_id, next_try_at=due_at)
    )


def is_first(session: Session, endpoint_id: str, lane: str, delivery_id: int) -> bool:
    """Whether no delivery before this one waits in the lane."""
    before = select(delivery.c.id).where(
        delivery.c.endpoint_id == endpoint_id,
        delivery.c.lane == lane,
        delivery.c.status == PENDING,
        delivery.c.id < delivery_id,
    )
    return session.execute(before.limit(1)).first() is None
