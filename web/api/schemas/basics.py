"""Fields that many shapes share."""

from __future__ import annotations

from typing import Any

from apiflask import Schema
from apiflask.fields import Boolean, DateTime, Dict, Integer, List, Nested, Raw, String
from apiflask.validators import Length
from marshmallow import RAISE, pre_dump

from engine.messages import translatable as _

MAX_VARIABLES = 500


class Strict(Schema):
    """A body that names nothing we do not know, so that a misspelt field is told rather than ignored."""

    class Meta:
        """marshmallow's options."""

        unknown = RAISE


def text(description: str, example: Any = None, **options: Any) -> String:
    """A text field."""
    return String(required=True, metadata=_meta(description, example), **options)


def maybe(description: str, example: Any = None) -> String:
    """A text field that may be null."""
    return String(required=True, allow_none=True, metadata=_meta(description, example))


def time(description: str) -> DateTime:
    """A moment in UTC, as ISO 8601."""
    return DateTime(required=True, format="iso", metadata=_meta(description, "2027-01-04T08:30:00+00:00"))


def maybe_time(description: str) -> DateTime:
    """A moment in UTC that may be null."""
    example = "2027-01-04T08:30:00+00:00"
    return DateTime(required=True, allow_none=True, format="iso", metadata=_meta(description, example))


def number(description: str, example: int) -> Integer:
    """A whole number."""
    return Integer(required=True, metadata=_meta(description, example))


def anything(description: str) -> Raw:
    """Any JSON value."""
    return Raw(required=True, allow_none=True, metadata=_meta(description, None))


def json_object(description: str, example: Any, **options: Any) -> Dict:
    """A JSON object by name."""
    return Dict(
        keys=String(validate=Length(1, 200, error=_("Names have 1 to 200 characters."))),
        metadata=_meta(description, example),
        **options,
    )


def flag(description: str) -> Boolean:
    """Yes or no in a query string; naming it (``?mine``) means yes."""
    return Boolean(load_default=False, truthy=Boolean.truthy | {""}, metadata=_meta(description, None))


def rows(shape: type[Schema], description: str) -> List[Any]:
    """A list of one shape."""
    return List(Nested(shape), required=True, metadata=_meta(description, None))


def variables(description: str, example: Any) -> Dict:
    """Variables in a body; none when left out."""
    limit = Length(max=MAX_VARIABLES, error=_("These are too many variables."))
    return json_object(description, example, load_default=dict, validate=limit)


def _meta(description: str, example: Any) -> dict[str, Any]:
    return {"description": description} | ({} if example is None else {"example": example})


class FieldError(Schema):
    """One field that broke a rule."""

    field = text("The field's key, dotted below groups and lists.", "goals.0.target")
    message = text("What is wrong, in the reader's language.", "This field is required.")


class Finding(Schema):
    """One thing that is wrong with a model."""

    resource = text("The file.", "process.bpmn")
    element = maybe("The element's id.", "superior_review")
    name = maybe("The element's name.", "Review the plan")
    reason = text("What is wrong.", "The form forms/review.form is not in the deployment.")
    rule = text("The rule's id; each has a page in `docs/reference/lint/`.", "bundle.form")
    severity = text("`error` refuses a deployment, `warning` does not.", "error")
    line = Integer(
        required=True, allow_none=True, metadata=_meta("The element's line in the file, from 1.", 42)
    )


class Problem(Schema):
    """An error, as RFC 9457 shapes it."""

    type = text("A URI naming the kind of error.", "urn:planflow:problem:conflict")
    title = text("The kind of error for people.", "Not possible as things stand")
    status = number("The HTTP status again.", 409)
    detail = text("What happened here, in the reader's language.", "Completed by Superior on 4 January.")
    instance = text("The path that was asked for.", "/api/v1/tasks/7d0e/complete")
    code = text("The kind of error for programs.", "conflict")
    request_id = text("The number under which the logs know this request.", "0a4f")
    errors = List(Nested(FieldError), metadata={"description": "Fields to mend (422)."})
    problems = List(Nested(Finding), metadata={"description": "Findings about a model (deployments, 422)."})


class CommandResult(Schema):
    """What a command left behind."""

    instance_id = text(
        "The process instance; empty for what concerns none: a message that is kept, a signal.",
        "5b0c2f4e-5f0c-4d5e-9a51-6a8f0f1b2c3d",
    )
    status = text(
        "`active`, `completed`, `terminated` or `failed`; of a message `kept` when it waits for its receiver, "
        "of a signal `thrown`.",
        "active",
    )
    revision = number("The instance's revision now.", 7)
    task_ids = List(String(), required=True, metadata={"description": "Work items that the command opened."})
    task_id = maybe("The work item that the command was about.")


class StartedInstance(CommandResult):
    """A new instance."""

    id = text("Its id, the same as `instance_id`.", "5b0c2f4e-5f0c-4d5e-9a51-6a8f0f1b2c3d")

    @pre_dump
    def named(self, result: Any, **_: Any) -> Any:
        """The result with the instance's id under the name that resources have it."""
        return {**vars(result), "id": result.instance_id}
