"""What was posted, as the operator sees it, and how long that and the ids of calls are kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from engine.context import CommandContext
from engine.cursors import Order, fetch
from engine.jobs import Inside, Job
from engine.jobs.retries import FOR_EVER
from engine.views import Page
from webhooks.incoming.tables import call, receiver, seen

ACCEPTED, DUPLICATE, IGNORED, REFUSED = "accepted", "duplicate", "ignored", "refused"
EXCERPT = 2_000
"""Characters of a body that are kept."""
REASON = 1_000
TOGETHER = timedelta(minutes=1)
"""Refusals of one kind that follow each other so closely are one row."""
KEPT = timedelta(days=30)
"""For how long calls are listed and ids remembered. GitHub delivers again for three days, others for about as long."""
MOST = 1_000
"""Calls that are kept of one receiver."""
TIDY, TIDY_EVERY = "webhook_tidy", timedelta(hours=1)


@dataclass(frozen=True)
class CallRecord:
    """A call, or ``count`` refusals of one kind from ``time`` to ``last_time`` (UTC).

    ``outcome`` is accepted, duplicate, ignored or refused; ``excerpt`` the beginning of the body, if its sender was
    known.
    """

    id: int
    receiver: str
    time: datetime
    last_time: datetime
    count: int
    webhook_id: str | None
    outcome: str
    status: int
    reason: str | None
    instance_id: str | None
    bytes: int
    excerpt: str | None


@dataclass(frozen=True)
class Noted:
    """What is to be noted of a call."""

    outcome: str
    status: int
    webhook_id: str | None = None
    reason: str | None = None
    instance_id: str | None = None
    body: bytes | None = None
    size: int = 0


def note(session: Session, name: str, noted: Noted, now: datetime) -> None:
    """Write a call down. One that is refused like the one before is counted with it."""
    reason = noted.reason[:REASON] if noted.reason else None
    if noted.outcome == REFUSED and _counted(session, name, noted.status, reason, now):
        return
    session.execute(
        insert(call).values(
            receiver=name,
            time=now,
            last_time=now,
            count=1,
            webhook_id=noted.webhook_id,
            outcome=noted.outcome,
            status=noted.status,
            reason=reason,
            instance_id=noted.instance_id,
            bytes=noted.size,
            excerpt=None if noted.body is None else excerpt(noted.body),
        )
    )


def excerpt(body: bytes) -> str:
    """The beginning of a body as text that every database keeps."""
    text = body[: EXCERPT * 4].decode("utf-8", "replace").replace("\0", "�")
    return text if len(text) <= EXCERPT else text[: EXCERPT - 1] + "…"


def _counted(session: Session, name: str, status: int, reason: str | None, now: datetime) -> bool:
    newest = select(call).where(call.c.receiver == name).order_by(call.c.id.desc()).limit(1)
    last = session.execute(newest).first()
    if last is None or (last.outcome, last.status, last.reason) != (REFUSED, status, reason):
        return False
    if not timedelta() <= now - last.last_time < TOGETHER:
        return False
    again = {"count": call.c.count + 1, "last_time": now}
    session.execute(update(call).where(call.c.id == last.id).values(again))
    return True


_NEWEST = Order("webhook_calls", call.c.id, descending=True)


def page(session: Session, name: str, cursor: str | None, limit: int) -> Page[CallRecord]:
    """The calls of a receiver, the newest first."""
    found, following = fetch(session, select(call).where(call.c.receiver == name), _NEWEST, cursor, limit)
    fields = CallRecord.__dataclass_fields__
    return Page(tuple(CallRecord(**{key: getattr(row, key) for key in fields}) for row in found), following)


def tidying() -> Inside:
    """The kind of job that forgets what is old; there is always one."""
    return Inside(_tidy, FOR_EVER, standing=True)


def _tidy(ctx: CommandContext, _job: Job) -> datetime:
    forget(ctx.session, ctx.now)
    return ctx.now + TIDY_EVERY


def forget(session: Session, now: datetime) -> None:
    """Forget calls and ids older than `KEPT`, and of each receiver what is more than its `MOST` newest calls."""
    session.execute(delete(call).where(call.c.last_time < now - KEPT))
    session.execute(delete(seen).where(seen.c.created_at < now - KEPT))
    for name in session.scalars(select(receiver.c.name)).all():
        kept = select(call.c.id).where(call.c.receiver == name).order_by(call.c.id.desc())
        last = session.scalar(kept.offset(MOST).limit(1))
        if last is not None:
            session.execute(delete(call).where(call.c.receiver == name, call.c.id <= last))


def last_calls(session: Session) -> dict[str, datetime]:
    """When each receiver was called last."""
    found = select(call.c.receiver, func.max(call.c.last_time)).group_by(call.c.receiver)
    return {row[0]: row[1] for row in session.execute(found)}
