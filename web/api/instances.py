"""Runs of processes: ``/instances``."""

from __future__ import annotations

from typing import Any

from apiflask import APIBlueprint
from apiflask.fields import String
from apiflask.validators import Length, OneOf

from engine.commands import Result, TerminateInstance
from engine.messages import translatable as _
from engine.views import DiagramState, HistoryEvent, InstanceDetail, InstanceSummary, Page, TaskSummary
from web.api.giving import give, tagged
from web.api.paging import PageQuery, linked
from web.api.schemas import answers
from web.api.schemas.basics import CommandResult, flag
from web.api.schemas.commands import TerminateBody
from web.auth import current_actor
from web.container import services

blueprint = APIBlueprint("instances", __name__, tag="Instances")
STATUSES = ("active", "completed", "terminated", "failed")
NAME = Length(max=200, error=_("Write at most 200 characters."))


class InstanceQuery(PageQuery):
    """Which instances to list."""

    mine = flag("Only those you started.")
    status = String(
        validate=OneOf(STATUSES, error=_("This is not one of the choices.")),
        metadata={"description": "Only those with this status."},
    )
    process_key = String(validate=NAME, metadata={"description": "Only those of this process."})
    business_key = String(validate=NAME, metadata={"description": "Only those with this key."})


@blueprint.get("/instances")
@blueprint.input(InstanceQuery, location="query")
@blueprint.output(answers.InstancePage)
@blueprint.doc(operation_id="listInstances")
def list_instances(query_data: dict[str, Any]) -> Page[InstanceSummary]:
    """List instances

    Those that you may see, the newest first.
    """
    with services().reading(current_actor()) as queries:
        return linked(queries.instances(**query_data))


@blueprint.get("/instances/<instance_id>")
@blueprint.output(answers.InstanceDetail)
@blueprint.doc(operation_id="getInstance")
def get_instance(instance_id: str) -> InstanceDetail:
    """Read an instance

    With its open tasks and incidents. The `ETag` is its revision.
    """
    with services().reading(current_actor()) as queries:
        instance = queries.instance(instance_id)
    tagged(instance.revision)
    return instance


@blueprint.get("/instances/<instance_id>/history")
@blueprint.input(PageQuery, location="query")
@blueprint.output(answers.HistoryPage)
@blueprint.doc(operation_id="getHistory")
def get_history(instance_id: str, query_data: dict[str, Any]) -> Page[HistoryEvent]:
    """Read an instance's history

    Every event in the order it happened, each sealed by a hash over all before it.
    """
    with services().reading(current_actor()) as queries:
        return linked(queries.history(instance_id, **query_data))


@blueprint.get("/instances/<instance_id>/variables")
@blueprint.doc(operation_id="getVariables")
@blueprint.output(answers.Variables)
def get_variables(instance_id: str) -> dict[str, Any]:
    """Read an instance's variables"""
    with services().reading(current_actor()) as queries:
        return {"variables": queries.variables(instance_id)}


@blueprint.get("/instances/<instance_id>/tasks")
@blueprint.input(PageQuery, location="query")
@blueprint.output(answers.TaskPage)
@blueprint.doc(operation_id="listInstanceTasks")
def list_tasks(instance_id: str, query_data: dict[str, Any]) -> Page[TaskSummary]:
    """List an instance's open tasks"""
    with services().reading(current_actor()) as queries:
        queries.instance(instance_id)
        return linked(queries.tasks(instance_id=instance_id, **query_data))


@blueprint.get("/instances/<instance_id>/diagram")
@blueprint.output(answers.Diagram)
@blueprint.doc(operation_id="getDiagram")
def get_diagram(instance_id: str) -> DiagramState:
    """Read an instance's diagram

    The model as deployed, where the instance stands on it and the way it went.
    """
    with services().reading(current_actor()) as queries:
        return queries.diagram(instance_id)


@blueprint.post("/instances/<instance_id>/terminate")
@blueprint.input(TerminateBody)
@blueprint.output(CommandResult)
@blueprint.doc(operation_id="terminateInstance")
def terminate(instance_id: str, json_data: dict[str, Any]) -> Result:
    """End an instance now

    For its starter and members of `administrator`. Open tasks are cancelled.
    """
    return give(TerminateInstance(instance_id, json_data["reason"]))
