"""Work items: ``/tasks``."""

from __future__ import annotations

from typing import Any

from apiflask import APIBlueprint
from apiflask.fields import String
from apiflask.validators import Length, OneOf
from flask import Response

from engine.commands import ClaimTask, CompleteTask, ReleaseTask, Result, SaveDraft
from engine.errors import NotFound
from engine.messages import translatable as _
from engine.views import Page, TaskDetail, TaskSummary
from web.api.giving import give, seen_revision, tagged
from web.api.paging import PageQuery, linked
from web.api.schemas import answers
from web.api.schemas.basics import CommandResult, flag
from web.api.schemas.commands import CompleteBody, DraftBody
from web.auth import current_actor
from web.container import services

blueprint = APIBlueprint("tasks", __name__, tag="Tasks")
STATUSES = ("open", "claimed", "completed", "cancelled", "all")
NAME = Length(max=200, error=_("Write at most 200 characters."))


class TaskQuery(PageQuery):
    """Which tasks to list."""

    mine = flag("Only those assigned to you or open to you.")
    group = String(validate=NAME, metadata={"description": "Only those open to this group."})
    status = String(
        load_default="open",
        validate=OneOf(STATUSES, error=_("This is not one of the choices.")),
        metadata={"description": "`open` also lists claimed ones."},
    )
    process_key = String(validate=NAME, metadata={"description": "Only those of this process."})
    instance_id = String(validate=NAME, metadata={"description": "Only those of this instance."})


@blueprint.get("/tasks")
@blueprint.input(TaskQuery, location="query")
@blueprint.output(answers.TaskPage)
@blueprint.doc(operation_id="listTasks")
def list_tasks(query_data: dict[str, Any]) -> Page[TaskSummary]:
    """List tasks

    Those that you may see; the most urgent first.
    """
    with services().reading(current_actor()) as queries:
        return linked(queries.tasks(**query_data))


@blueprint.get("/tasks/<task_id>")
@blueprint.output(answers.TaskDetail)
@blueprint.doc(operation_id="getTask")
def get_task(task_id: str) -> TaskDetail:
    """Read a task

    The `ETag` is the task's revision.
    """
    task = services().engine.view_task(task_id, current_actor()).detail
    tagged(task.summary.revision)
    return task


@blueprint.get("/tasks/<task_id>/form")
@blueprint.output(answers.Form)
@blueprint.doc(operation_id="getTaskForm")
def get_form(task_id: str) -> dict[str, Any]:
    """Read a task's form

    Its form-js schema and the data it starts with.
    """
    view = services().engine.view_task(task_id, current_actor())
    if view.form is None:
        raise NotFound(_("This task has no form."))
    return {"schema": view.form, "data": view.data}


@blueprint.put("/tasks/<task_id>/draft")
@blueprint.input(DraftBody)
@blueprint.output({}, status_code=204)
@blueprint.doc(operation_id="saveDraft")
def save_draft(task_id: str, json_data: dict[str, Any]) -> Response:
    """Keep what is filled in so far

    A draft is not checked and leaves no history.
    """
    give(SaveDraft(task_id, json_data["data"]))
    return Response(status=204)


@blueprint.post("/tasks/<task_id>/claim")
@blueprint.output(CommandResult)
@blueprint.doc(operation_id="claimTask")
def claim(task_id: str) -> Result:
    """Take a task

    Afterwards the other candidates leave it alone.
    """
    return give(ClaimTask(task_id))


@blueprint.post("/tasks/<task_id>/release")
@blueprint.output(CommandResult)
@blueprint.doc(operation_id="releaseTask")
def release(task_id: str) -> Result:
    """Give a task back

    Any candidate may take it again.
    """
    return give(ReleaseTask(task_id))


@blueprint.post("/tasks/<task_id>/complete")
@blueprint.input(CompleteBody)
@blueprint.output(CommandResult)
@blueprint.doc(operation_id="completeTask")
def complete(task_id: str, json_data: dict[str, Any]) -> Result:
    """Complete a task

    With the fields of its form, an outcome and a comment. What breaks the form's rules is answered with 422
    and the fields; a task that somebody else completed, or that changed since you saw it, with 409 and who
    and when.
    """
    json_data["revision"] = seen_revision(json_data["revision"])
    return give(CompleteTask(task_id, **json_data))
