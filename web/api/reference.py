"""The OpenAPI document, made from the code, and a page to read it with."""

from __future__ import annotations

from typing import Any

from apiflask import APIFlask
from flask import Blueprint, Response, current_app, jsonify, render_template

from web.api.reader import chapters, inline_code
from web.api.schemas.basics import Problem
from web.auth import public
from web.problems import MEDIA_TYPE

blueprint = Blueprint("reference", __name__, template_folder="templates")

DESCRIPTION = """\
Everything that PlanFlow's pages do, for programs.

Send a token of `planflow token create` as `Authorization: Bearer …`; a signed-in browser may use its session
and then sends its CSRF token as `X-CSRFToken` with everything that changes something.

Errors are `application/problem+json` (RFC 9457), in the language of `Accept-Language` or of the person.
Lists come in pages. Every command takes an `Idempotency-Key`: said twice, it is done once and answers the
same, with `Idempotency-Replayed: true`.
"""
SECURITY_SCHEMES = {
    "token": {"type": "http", "scheme": "bearer", "description": "From `planflow token create --user NAME`."},
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "planflow_session",
        "description": "The session of a signed-in browser.",
    },
}
IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "1 to 200 visible ASCII characters of your own. Said twice, a command is done once.",
    "schema": {"type": "string", "maxLength": 200},
}
IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "description": "The `ETag` of the task that you saw. When it has moved on, the answer is 409.",
    "schema": {"type": "string"},
    "example": '"1"',
}
REFUSALS = {
    "400": "The request cannot be understood.",
    "401": "The caller is not known.",
    "403": "This is not yours to do.",
    "404": "There is nothing with this id.",
    "409": "Not possible as things stand: somebody was faster, or it has moved on. The detail says who and when.",
    "413": "The body is larger than this installation takes.",
    "415": "The body is not JSON.",
    "422": "Something in the request is not right; `errors` names the fields.",
    "429": "Too many requests; see `Retry-After`.",
}
READING = ("400", "401", "403", "404", "422", "429")
PLAIN_COMMANDS = frozenset(
    {
        *("createToken", "revokeToken", "deploy"),
        *("createReceiver", "changeReceiver", "removeReceiver", "rotateReceiver"),
        *("createWebhookEndpoint", "changeWebhookEndpoint", "deleteWebhookEndpoint", "enableWebhookEndpoint"),
        *("disableWebhookEndpoint", "rotateWebhookSecret", "testWebhookEndpoint", "redeliverFailedWebhooks"),
        "redeliverWebhook",
    }
)


def init_app(app: APIFlask) -> None:
    """Say what the document begins with, and complete what APIFlask makes of the views."""
    app.config.update(
        DESCRIPTION=DESCRIPTION,
        SECURITY_SCHEMES=SECURITY_SCHEMES,
        AUTO_404_RESPONSE=False,
        AUTO_VALIDATION_ERROR_RESPONSE=False,
        AUTO_AUTH_ERROR_RESPONSE=False,
        AUTO_SERVERS=False,
        SPEC_PROCESSOR_PASS_OBJECT=True,
    )
    app.spec_processor(_complete)
    app.jinja_env.filters["inline_code"] = inline_code


@blueprint.get("/openapi.json")
@public
def document() -> Response:
    """The OpenAPI 3.1 document."""
    return jsonify(_document())


@blueprint.get("/docs")
@public
def reader() -> str:
    """The document as a page."""
    return render_template("api/reference.html", **chapters(_document()))


def _document() -> dict[str, Any]:
    app: Any = current_app
    made: dict[str, Any] = app._get_spec("json")
    return made


def _complete(spec: Any) -> Any:
    spec.components.schema("Problem", schema=Problem)
    spec.options["security"] = [{"token": []}, {"session": []}]
    for path in spec._paths.values():
        for method, operation in path.items():
            _complete_operation(method, operation)
    return spec


def _complete_operation(method: str, operation: dict[str, Any]) -> None:
    refusals = READING if method == "get" else tuple(REFUSALS)
    for status in refusals:
        operation["responses"][status] = _refusal(REFUSALS[status])
    if method != "get" and operation.get("operationId") not in PLAIN_COMMANDS:
        operation["parameters"].append(IDEMPOTENCY_KEY)
    if operation.get("operationId") == "completeTask":
        operation["parameters"].append(IF_MATCH)


def _refusal(description: str) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": description, "content": {MEDIA_TYPE: {"schema": schema}}}
