"""What other systems may post: ``/webhooks/receivers``."""

from __future__ import annotations

from typing import Any

from apiflask import APIBlueprint
from flask import Response

from engine.views import Page
from web.api.paging import PageQuery, linked
from web.api.schemas import receivers as shapes
from web.auth import current_actor
from web.container import services
from web.incoming import address_of
from webhooks.incoming import CallRecord, Draft, Management, Shown

blueprint = APIBlueprint("receivers", __name__, tag="Webhooks")


@blueprint.get("/webhooks/receivers")
@blueprint.output(shapes.Receivers)
@blueprint.doc(operation_id="listReceivers")
def list_receivers() -> dict[str, Any]:
    """List receivers

    For members of `administrator` and `auditor`.
    """
    return {"items": [shown(each) for each in _management().listed(current_actor())]}


@blueprint.post("/webhooks/receivers")
@blueprint.input(shapes.NewReceiverBody)
@blueprint.output(shapes.ReceiverWithSecret, status_code=201)
@blueprint.doc(operation_id="createReceiver")
def create(json_data: dict[str, Any]) -> dict[str, Any]:
    """Make a receiver

    The answer has its secret, this once. For members of `administrator`.
    """
    name = json_data.pop("name")
    secret = _management().create(name, drafted(json_data), current_actor())
    return _with_secret(name, secret)


@blueprint.get("/webhooks/receivers/<name>")
@blueprint.output(shapes.Receiver)
@blueprint.doc(operation_id="getReceiver")
def get_receiver(name: str) -> dict[str, Any]:
    """Read a receiver

    For members of `administrator` and `auditor`.
    """
    return shown(_management().one(name, current_actor()))


@blueprint.put("/webhooks/receivers/<name>")
@blueprint.input(shapes.ChangedReceiverBody)
@blueprint.output(shapes.ReceiverWithSecret)
@blueprint.doc(operation_id="changeReceiver")
def change(name: str, json_data: dict[str, Any]) -> dict[str, Any]:
    """Change a receiver

    What is left out gets its default. For members of `administrator`.
    """
    revision = json_data.pop("revision")
    secret = _management().update(name, drafted(json_data), current_actor(), revision)
    return _with_secret(name, secret)


@blueprint.delete("/webhooks/receivers/<name>")
@blueprint.output({}, status_code=204)
@blueprint.doc(operation_id="removeReceiver")
def remove(name: str) -> Response:
    """Remove a receiver

    With the list of its calls; what they have done stays. For members of `administrator`.
    """
    _management().remove(name, current_actor())
    return Response(status=204)


@blueprint.post("/webhooks/receivers/<name>/rotate")
@blueprint.input(shapes.RotateBody)
@blueprint.output(shapes.ReceiverWithSecret)
@blueprint.doc(operation_id="rotateReceiver")
def rotate(name: str, json_data: dict[str, Any]) -> dict[str, Any]:
    """Give a receiver a new secret

    The one before is accepted for a day yet, unless it is to end at once. For members of `administrator`.
    """
    return _with_secret(name, _management().rotate(name, current_actor(), json_data["at_once"]))


@blueprint.get("/webhooks/receivers/<name>/calls")
@blueprint.input(PageQuery, location="query")
@blueprint.output(shapes.ReceiverCallPage)
@blueprint.doc(operation_id="listReceiverCalls")
def list_calls(name: str, query_data: dict[str, Any]) -> Page[CallRecord]:
    """List what was posted to a receiver

    The newest first, of the last 30 days. For members of `administrator` and `auditor`.
    """
    return linked(_management().calls(name, current_actor(), **query_data))


def drafted(fields: dict[str, Any]) -> Draft:
    """The definition that these fields make."""
    return Draft(**{**fields, "groups": tuple(fields["groups"])})


def shown(receiver: Shown) -> dict[str, Any]:
    """A receiver as the API says it."""
    return {**vars(receiver), **receiver.draft.as_json(), "address": address_of(receiver.name)}


def _with_secret(name: str, secret: str | None) -> dict[str, Any]:
    return {**shown(_management().one(name, current_actor())), "secret": secret}


def _management() -> Management:
    return services().incoming.management
