"""The list of jobs, and of who does them, as an operator sees it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, select
from sqlalchemy.orm import Session

from engine import heartbeats
from engine.cursors import Order, fetch
from engine.jobs.job import DUE, FAILED, LEASED
from engine.storage.tables import instance, job, process_definition
from engine.views import JobSummary, Page, WorkerSummary

SHOWN = {"due": DUE, "running": LEASED, "failed": FAILED}
"""What people ask for, and what the rows call it."""
_CALLED = {status: shown for shown, status in SHOWN.items()}
_BY_TRY = Order("try", job.c.try_at, job.c.id)
_MODEL = process_definition.c


def job_page(session: Session, status: str | None, cursor: str | None, limit: int) -> Page[JobSummary]:
    """Jobs of a status, or all of them; what is done next first."""
    query = _jobs() if status is None else _jobs().where(job.c.status == SHOWN[status])
    rows, following = fetch(session, query, _BY_TRY, cursor, limit)
    return Page(tuple(map(_summary, rows)), following)


def worker_list(session: Session) -> tuple[WorkerSummary, ...]:
    """Workers that were heard of within a day; those that are alive first."""
    now = datetime.now(UTC)
    known = [
        WorkerSummary(each.name, each.kind, each.started_at, each.seen_at, each.alive(now), each.does_jobs)
        for each in heartbeats.workers(session)
    ]
    return tuple(sorted(known, key=lambda each: not each.alive))


def _jobs() -> Select[Any]:
    """Each with its instance, and the process of that, or the one that it starts."""
    model: ColumnElement[Any] = func.coalesce(instance.c.definition_id, job.c.definition_id)
    return (
        select(
            job,
            instance.c.title.label("instance_title"),
            _MODEL.key.label("process_key"),
            _MODEL.name.label("process_name"),
        )
        .select_from(job)
        .outerjoin(instance, instance.c.id == job.c.instance_id)
        .outerjoin(process_definition, _MODEL.id == model)
    )


def _summary(row: Row[Any]) -> JobSummary:
    return JobSummary(
        id=row.id,
        kind=row.kind,
        status=_CALLED[row.status],
        instance_id=row.instance_id,
        instance_title=row.instance_title,
        process_key=row.process_key,
        process_name=row.process_name,
        element=row.element,
        element_name=row.element_name,
        due_at=row.due_at,
        try_at=row.try_at,
        attempts=row.attempts,
        tried_at=row.tried_at,
        error=row.error,
        created_at=row.created_at,
        may_retry=row.status == FAILED or (row.status == DUE and row.attempts > 0),
    )
