"""New versions of processes: ``/deployments``."""

from __future__ import annotations

from typing import Any

from apiflask import APIBlueprint
from apiflask.fields import File, List, String
from apiflask.validators import Length, Regexp
from werkzeug.datastructures import FileStorage

from engine.errors import FieldProblem, Invalid
from engine.messages import translatable as _
from web.api.schemas import answers
from web.api.schemas.basics import Strict
from web.auth import current_actor
from web.container import services
from web.problems import finding

blueprint = APIBlueprint("deployments", __name__, tag="Deployments")
MAX_FILES = 200
ONE_LINE = r"[^\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]{0,200}\Z"


class DeploymentBody(Strict):
    """The files of a deployment."""

    name = String(
        load_default="",
        validate=Regexp(ONE_LINE, error=_("Write one line of at most 200 characters.")),
        metadata={
            "description": "What to call it: one line of at most 200 characters.",
            "example": "annual_plan",
        },
    )
    files = List(
        File(),  # type: ignore[no-untyped-call]  # flask-marshmallow annotates no constructor
        required=True,
        validate=Length(1, MAX_FILES, error=_("Send 1 to 200 files.")),
        metadata={"description": "BPMN, DMN and form files; a file name may hold folders (`forms/a.form`)."},
    )


@blueprint.post("/deployments")
@blueprint.input(DeploymentBody, location="files")
@blueprint.output(answers.Deployment, status_code=201)
@blueprint.doc(operation_id="deploy")
def deploy(files_data: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """Deploy processes, decisions and forms

    All files or none: what cannot be executed is refused with every reason by file and element. Files that
    are as they were make no new version. For members of `process_designer` and `administrator`.
    """
    resources = _resources(files_data["files"])
    done = services().engine.deploy(resources, actor=current_actor(), name=files_data["name"])
    return _shape(done), 200 if done.unchanged else 201


def _resources(files: list[FileStorage]) -> dict[str, bytes]:
    resources: dict[str, bytes] = {}
    for file in files:
        name = file.filename or ""
        if name in resources:
            template = _("%(name)s was sent twice.")
            raise Invalid(template, [FieldProblem("files", template, {"name": name})], name=name)
        resources[name] = file.read()
    return resources


def _shape(done: Any) -> dict[str, Any]:
    return {
        "id": done.id,
        "processes": [{"key": key, "version": version} for key, version in done.processes],
        "decisions": [{"key": key, "version": version} for key, version in done.decisions],
        "unchanged": done.unchanged,
        "warnings": [finding(problem) for problem in done.warnings],
    }
