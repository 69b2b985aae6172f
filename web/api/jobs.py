"""What is to be done by itself, and by whom: ``/jobs`` and ``/workers``."""

from __future__ import annotations

from typing import Any

from apiflask import APIBlueprint
from apiflask.fields import String
from apiflask.validators import OneOf

from engine.commands import Result, RetryJob
from engine.errors import NotFound
from engine.jobs.listing import SHOWN
from engine.messages import translatable as _
from engine.views import JobSummary, Page
from web.api.giving import give
from web.api.paging import PageQuery, linked
from web.api.schemas.answers import JobPage, WorkerList
from web.api.schemas.basics import CommandResult
from web.auth import current_actor
from web.container import services

blueprint = APIBlueprint("jobs", __name__, tag="Jobs")


class JobQuery(PageQuery):
    """Which jobs to list."""

    status = String(
        validate=OneOf(list(SHOWN)),
        metadata={
            "description": "Only those of a status: `due`, `running` or `failed`.",
            "example": "failed",
        },
    )


@blueprint.get("/jobs")
@blueprint.input(JobQuery, location="query")
@blueprint.output(JobPage)
@blueprint.doc(operation_id="listJobs")
def list_jobs(query_data: dict[str, Any]) -> Page[JobSummary]:
    """List jobs

    Timers, starts, calls of other systems: what is done next first. For members of `administrator`.
    """
    with services().reading(current_actor()) as queries:
        return linked(queries.jobs(**query_data))


@blueprint.post("/jobs/<job_id>/retry")
@blueprint.output(CommandResult)
@blueprint.doc(operation_id="retryJob")
def retry(job_id: str) -> Result:
    """Have a job done now that has failed

    One that has stopped begins anew with all its attempts, and its incident is over; one that waits to be tried again
    waits no longer. A worker does it. What has not come due is not hurried along. For members of `administrator`.
    """
    return give(RetryJob(job_number(job_id)))


@blueprint.get("/workers")
@blueprint.output(WorkerList)
@blueprint.doc(operation_id="listWorkers")
def list_workers() -> dict[str, Any]:
    """List workers

    Who does jobs, or did within a day; those that are alive first. For members of `administrator`.
    """
    with services().reading(current_actor()) as queries:
        return {"items": queries.workers()}


def job_number(text: str) -> int:
    """The number of a job in an address. Raises NotFound for what cannot be one."""
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise NotFound(_("There is no such job."))
    return int(text)
