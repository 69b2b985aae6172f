"""Retention: what was delivered or given up is forgotten after a while, with its event."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, exists, select

from engine.context import CommandContext
from engine.jobs import Inside, Job, Retries
from webhooks.outgoing.tables import delivery, event

KIND = "webhook_retention"
EVERY = timedelta(hours=1)
AT_ONCE = 1_000
"""Rows that one transaction takes away, so that nobody waits for it for long."""


def forgetting(keep: timedelta) -> Inside:
    """The standing job that takes away what was over so long ago."""

    def run(ctx: CommandContext, job: Job) -> datetime:  # noqa: ARG001
        return ctx.now if forget(ctx, ctx.now - keep) == AT_ONCE else ctx.now + EVERY

    return Inside(run, Retries(("PT1M", "PT1H"), endless=True), standing=True)


def forget(ctx: CommandContext, before: datetime) -> int:
    """Take away some deliveries that were over before then, their tries, and events that nobody is sent any more."""
    over = select(delivery.c.id).where(delivery.c.finished_at < before).limit(AT_ONCE)
    ids = list(ctx.session.scalars(over))
    if ids:
        ctx.session.execute(delete(delivery).where(delivery.c.id.in_(ids), delivery.c.finished_at < before))
    sent = exists().where(delivery.c.event_id == event.c.id)
    left = select(event.c.id).where(event.c.time < before, ~sent).limit(AT_ONCE)
    events = list(ctx.session.scalars(left))
    if events:
        ctx.session.execute(delete(event).where(event.c.id.in_(events)))
    return max(len(ids), len(events))
