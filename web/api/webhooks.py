"""Events out to other systems: ``/webhooks``."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from apiflask import APIBlueprint
from apiflask.fields import String
from apiflask.validators import Length, OneOf
from flask import Response

from engine.errors import NotFound
from engine.messages import translatable as _
from engine.views import Page
from web.api.paging import PageQuery, linked
from web.api.schemas import webhooks as shapes
from web.auth import current_actor
from web.container import services
from webhooks.events import TYPES
from webhooks.outgoing import STATUSES, Chosen, Delivery, DeliveryDetail, Endpoint

blueprint = APIBlueprint("webhooks", __name__, tag="Webhooks")


class DeliveryQuery(PageQuery):
    """Which deliveries to list."""

    endpoint = String(
        validate=Length(max=100, error=_("This is too long.")),
        metadata={"description": "Only those of an endpoint.", "example": shapes.ENDPOINT},
    )
    status = String(
        validate=OneOf(list(STATUSES)),
        metadata={"description": "Only those of a status.", "example": "failed"},
    )


@blueprint.get("/webhooks/event-types")
@blueprint.output(shapes.WebhookEventTypes)
@blueprint.doc(operation_id="listWebhookEventTypes")
def list_event_types() -> dict[str, Any]:
    """List the types of events

    What endpoints can choose from, with the payload of each.
    """
    return {"items": TYPES}


@blueprint.get("/webhooks/endpoints")
@blueprint.output(shapes.WebhookEndpointList)
@blueprint.doc(operation_id="listWebhookEndpoints")
def list_endpoints() -> dict[str, Any]:
    """List endpoints

    For members of `administrator` and `auditor`, as is everything below that only reads.
    """
    return {"items": services().webhooks.endpoints(current_actor())}


@blueprint.post("/webhooks/endpoints")
@blueprint.input(shapes.EndpointBody)
@blueprint.output(shapes.WebhookEndpointWithSecret, status_code=201)
@blueprint.doc(operation_id="createWebhookEndpoint")
def create_endpoint(json_data: dict[str, Any]) -> dict[str, Any]:
    """Make an endpoint

    It is sent the events of commands from now on. The answer has the secret, this once. For members of
    `administrator`, as is everything below that changes something.
    """
    json_data.pop("revision")
    made, secret = services().webhooks.create(current_actor(), Chosen(**json_data))
    return {**vars(made), "secret": secret}


@blueprint.get("/webhooks/endpoints/<endpoint_id>")
@blueprint.output(shapes.WebhookEndpointDetail)
@blueprint.doc(operation_id="getWebhookEndpoint")
def get_endpoint(endpoint_id: str) -> Endpoint:
    """Read an endpoint"""
    return services().webhooks.endpoint(current_actor(), endpoint_id)


@blueprint.put("/webhooks/endpoints/<endpoint_id>")
@blueprint.input(shapes.EndpointBody)
@blueprint.output(shapes.WebhookEndpointDetail)
@blueprint.doc(operation_id="changeWebhookEndpoint")
def change_endpoint(endpoint_id: str, json_data: dict[str, Any]) -> Endpoint:
    """Change an endpoint

    `url` and `secret` stay when they are left out; everything else is as the body says.
    """
    revision = json_data.pop("revision")
    return services().webhooks.change(current_actor(), endpoint_id, Chosen(**json_data), revision)


@blueprint.delete("/webhooks/endpoints/<endpoint_id>")
@blueprint.output({}, status_code=204)
@blueprint.doc(operation_id="deleteWebhookEndpoint")
def delete_endpoint(endpoint_id: str) -> Response:
    """Delete an endpoint

    With its deliveries; what waits is not sent any more.
    """
    services().webhooks.delete(current_actor(), endpoint_id)
    return Response(status=204)


@blueprint.post("/webhooks/endpoints/<endpoint_id>/enable")
@blueprint.output(shapes.WebhookEndpointDetail)
@blueprint.doc(operation_id="enableWebhookEndpoint")
def enable(endpoint_id: str) -> Endpoint:
    """Switch an endpoint on"""
    return services().webhooks.switch(current_actor(), endpoint_id, on=True)


@blueprint.post("/webhooks/endpoints/<endpoint_id>/disable")
@blueprint.output(shapes.WebhookEndpointDetail)
@blueprint.doc(operation_id="disableWebhookEndpoint")
def disable(endpoint_id: str) -> Endpoint:
    """Switch an endpoint off

    Nothing is written for it meanwhile; what waits is given up and can be sent again by hand.
    """
    return services().webhooks.switch(current_actor(), endpoint_id, on=False)


@blueprint.post("/webhooks/endpoints/<endpoint_id>/rotate")
@blueprint.input(shapes.RotateBody)
@blueprint.output(shapes.WebhookEndpointWithSecret)
@blueprint.doc(operation_id="rotateWebhookSecret")
def rotate(endpoint_id: str, json_data: dict[str, Any]) -> dict[str, Any]:
    """Make a new secret

    The one before is valid beside it for as long as you choose: each request has both signatures.
    """
    overlap = timedelta(hours=json_data["hours"])
    found, secret = services().webhooks.rotate(current_actor(), endpoint_id, overlap)
    return {**vars(found), "secret": secret}


@blueprint.post("/webhooks/endpoints/<endpoint_id>/test")
@blueprint.output(shapes.WebhookTest, status_code=202)
@blueprint.doc(operation_id="testWebhookEndpoint")
def test(endpoint_id: str) -> dict[str, int]:
    """Send a test event

    It is tried once, even by an endpoint that is switched off.
    """
    return {"delivery_id": services().webhooks.test(current_actor(), endpoint_id)}


@blueprint.post("/webhooks/endpoints/<endpoint_id>/redeliver")
@blueprint.output(shapes.WebhookRedelivered, status_code=202)
@blueprint.doc(operation_id="redeliverFailedWebhooks")
def redeliver_failed(endpoint_id: str) -> dict[str, int]:
    """Send all that failed once more

    At most 1,000 at once, those of one instance in order.
    """
    return {"count": services().webhooks.redeliver_failed(current_actor(), endpoint_id)}


@blueprint.get("/webhooks/deliveries")
@blueprint.input(DeliveryQuery, location="query")
@blueprint.output(shapes.WebhookDeliveryPage)
@blueprint.doc(operation_id="listWebhookDeliveries")
def list_deliveries(query_data: dict[str, Any]) -> Page[Delivery]:
    """List deliveries

    The newest first.
    """
    return linked(services().webhooks.deliveries(current_actor(), **query_data))


@blueprint.get("/webhooks/deliveries/<delivery_id>")
@blueprint.output(shapes.WebhookDeliveryDetail)
@blueprint.doc(operation_id="getWebhookDelivery")
def get_delivery(delivery_id: str) -> DeliveryDetail:
    """Read a delivery

    With what was sent and what came back, at every try.
    """
    return services().webhooks.delivery(current_actor(), delivery_number(delivery_id))


@blueprint.post("/webhooks/deliveries/<delivery_id>/redeliver")
@blueprint.output(shapes.WebhookDeliveryDetail, status_code=202)
@blueprint.doc(operation_id="redeliverWebhook")
def redeliver(delivery_id: str) -> DeliveryDetail:
    """Send a delivery once more

    With the same id, at once, even to an endpoint that is switched off.
    """
    hooks, number = services().webhooks, delivery_number(delivery_id)
    hooks.redeliver(current_actor(), number)
    return hooks.delivery(current_actor(), number)


def delivery_number(text: str) -> int:
    """The number of a delivery in an address. Raises NotFound for what cannot be one."""
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise NotFound(_("There is no such delivery."))
    return int(text)
