"""A job, as its row holds it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from engine.storage.tables import job

DUE, LEASED, FAILED = "due", "leased", "failed"
"""The states of a job; one that is done has no row. A failed one waits for a person."""


@dataclass(frozen=True)
class Job:
    """What is to be done by itself.

    ``due_at`` is when it is wanted, ``try_at`` when it may be tried next (both UTC); they differ after it has failed.
    ``attempts`` is how often it has failed in a row. ``lease`` grows by one with every lease: what a worker brings
    back counts only while the row still has the number that the worker was given.
    """

    id: int
    kind: str
    instance_id: str | None
    definition_id: int | None
    token: int | None
    element: str | None
    element_name: str | None
    event: int
    due_at: datetime
    try_at: datetime
    repeat: dict[str, Any] | None
    payload: Mapping[str, Any]
    retries: tuple[str, ...] | None
    attempts: int
    status: str
    lease_owner: str | None
    lease_until: datetime | None
    lease: int
    tried_at: datetime | None
    error: str | None
    created_at: datetime
    condition: str | None
    answer: bool | None


COLUMNS = tuple(job.c[field.name] for field in fields(Job))


def job_of(row: Row[Any]) -> Job:
    """The job of a row of the table."""
    held = {column.name: row._mapping[column] for column in COLUMNS}
    retries = held["retries"]
    held["retries"] = None if retries is None else tuple(retries)
    held["payload"] = held["payload"] or {}
    return Job(**held)
