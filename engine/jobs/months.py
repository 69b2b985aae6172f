"""The months of the history of a PostgreSQL database: one job looks every day that the next ones are there."""

from __future__ import annotations

from datetime import datetime, timedelta

from engine.context import CommandContext
from engine.jobs.job import Job
from engine.storage import partitions

EVERY = timedelta(days=1)


def look_ahead(ctx: CommandContext, job: Job) -> datetime:  # noqa: ARG001
    """Make the months that are missing; returns when to look again."""
    partitions.make(ctx.session, partitions.missing(ctx.session, partitions.from_now_on(ctx.now)))
    return ctx.now + EVERY
