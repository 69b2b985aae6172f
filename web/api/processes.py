"""Processes that can be started: ``/processes``."""

from __future__ import annotations

from typing import Any

from apiflask import APIBlueprint
from flask import url_for

from engine.commands import Result, StartInstance
from engine.errors import NotFound
from engine.messages import translatable as _
from engine.views import ProcessDetail
from web.api.giving import give
from web.api.schemas import answers
from web.api.schemas.basics import StartedInstance
from web.api.schemas.commands import StartBody
from web.auth import current_actor
from web.container import services

blueprint = APIBlueprint("processes", __name__, tag="Processes")


@blueprint.get("/processes")
@blueprint.output(answers.ProcessList)
@blueprint.doc(operation_id="listProcesses")
def list_processes() -> dict[str, Any]:
    """List processes

    The latest version of each.
    """
    with services().reading(current_actor()) as queries:
        return {"items": queries.processes()}


@blueprint.get("/processes/<key>")
@blueprint.output(answers.ProcessDetail)
@blueprint.doc(operation_id="getProcess")
def get_process(key: str) -> ProcessDetail:
    """Read a process

    With its versions and its model.
    """
    with services().reading(current_actor()) as queries:
        return queries.process(key)


@blueprint.get("/processes/<key>/form")
@blueprint.output(answers.Form)
@blueprint.doc(operation_id="getStartForm")
def get_form(key: str) -> dict[str, Any]:
    """Read the form that starts a process

    Its form-js schema and the data it starts with.
    """
    form = services().engine.start_form(key, current_actor())
    if form is None:
        raise NotFound(_("This process needs no form to start."))
    schema, data = form
    return {"schema": schema, "data": data}


@blueprint.post("/processes/<key>/instances")
@blueprint.input(StartBody)
@blueprint.output(StartedInstance, status_code=201)
@blueprint.doc(operation_id="startInstance")
def start(key: str, json_data: dict[str, Any]) -> tuple[Result, int, dict[str, str]]:
    """Start an instance

    The variables are those of the start form and are checked by it.
    """
    result = give(StartInstance(key, **json_data))
    return result, 201, {"Location": url_for("instances.get_instance", instance_id=result.instance_id)}
