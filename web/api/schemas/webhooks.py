"""Webhooks: endpoints, deliveries, and the bodies that make and change them."""

from __future__ import annotations

from apiflask import Schema
from apiflask.fields import Boolean, Dict, Float, Integer, List, Nested, String
from apiflask.validators import Length, Range

from engine.messages import translatable as _
from web.api.paging import page_of
from web.api.schemas.basics import Strict, maybe, maybe_time, number, rows, text, time
from webhooks.outgoing import FORMATS

ENDPOINT = "0b0f3c1e-5f0a-4f2c-9d43-1a6c2f2f9f10"
TYPE = "org.planflow.task.created"
_SHORT = Length(max=200, error=_("Write at most 200 characters."))
_MANY = Length(max=500, error=_("These are too many."))


def _texts(description: str, example: str, **options: object) -> List[str]:
    return List(
        String(validate=_SHORT),
        metadata={"description": description, "example": [example]},
        **options,  # type: ignore[arg-type]  # marshmallow's own options
    )


class EndpointBody(Strict):
    """What an endpoint is to be."""

    name = String(
        required=True, validate=_SHORT, metadata={"description": "What people call it.", "example": "ERP"}
    )
    format = String(
        load_default="standard",
        validate=_SHORT,
        metadata={
            "description": f"One of {', '.join(f'`{each}`' for each in FORMATS)}. It cannot be changed later.",
            "example": "standard",
        },
    )
    url = String(
        allow_none=True,
        load_default=None,
        validate=Length(max=2048, error=_("This is too long.")),
        metadata={
            "description": "Where it is sent. When an endpoint is changed: left out, it stays.",
            "example": "https://erp.example.com/hooks/planflow",
        },
    )
    events = _texts("The types it is sent; all, when none is named.", TYPE, load_default=list, validate=_MANY)
    processes = _texts(
        "Keys of the processes it is sent events of; all, when none is named.",
        "annual_plan",
        load_default=list,
        validate=_MANY,
    )
    language = String(
        load_default="en",
        validate=_SHORT,
        metadata={
            "description": "Of messages to groups: `en`, `zh_Hant` or `zh_Hans`.",
            "example": "zh_Hant",
        },
    )
    secret = String(
        allow_none=True,
        load_default=None,
        validate=_SHORT,
        metadata={
            "description": "Of a robot of DingTalk or Feishu that has one. It is never answered.",
            "example": None,
        },
    )
    revision = Integer(
        strict=True,
        allow_none=True,
        load_default=None,
        validate=Range(0, 2**31 - 1, error=_("This number is out of range.")),
        metadata={"description": "When it is changed: the revision that you saw.", "example": 1},
    )


class RotateBody(Strict):
    """How long the secret before is valid beside the new one."""

    hours = Integer(
        strict=True,
        load_default=24,
        validate=Range(0, 720, error=_("Between 0 and 720 hours are possible.")),
        metadata={"description": "0 ends it at once.", "example": 24},
    )


class WebhookEndpoint(Schema):
    """Where events are sent."""

    id = text("Its id.", ENDPOINT)
    name = text("What people call it.", "ERP")
    format = text("`standard`, or the kind of robot.", "standard")
    address = text("As much of the URL as is shown.", "https://erp.example.com/hooks/planflow")
    events = _texts("The types it is sent; none: all.", TYPE, required=True)
    processes = _texts("The processes it is sent events of; none: all.", "annual_plan", required=True)
    language = text("Of messages to groups.", "en")
    enabled = Boolean(required=True, metadata={"description": "Whether it is sent anything."})
    disabled_at = maybe_time("Since when it is switched off.")
    disabled_why = maybe("`by_hand`, `failing` for five days, or `gone`: it answered 410.")
    failing_since = maybe_time("Since when nothing has reached it.")
    failures = number("Failed attempts in a row.", 0)
    succeeded_at = maybe_time("When something reached it the last time.")
    has_secret = Boolean(required=True, metadata={"description": "Whether what it is sent is signed."})
    old_secret_until = maybe_time("Until when the secret before signs too.")
    created_at = time("When it was made.")
    created_by = text("By whom.", "administrator")
    updated_at = time("When it was changed.")
    revision = number("Grows with every change.", 1)


class WebhookEndpointList(Schema):
    """All endpoints."""

    items = rows(WebhookEndpoint, "By name.")


class WebhookEndpointDetail(WebhookEndpoint):
    """An endpoint by itself."""


class WebhookEndpointWithSecret(WebhookEndpoint):
    """An endpoint with the secret that was just made."""

    secret = maybe("Shown this once; null for robots. It signs as Standard Webhooks 1.0 says.", "whsec_…")


class WebhookDelivery(Schema):
    """An event on its way to an endpoint."""

    id = number("Its number.", 12)
    endpoint_id = text("The endpoint.", ENDPOINT)
    endpoint_name = text("What that is called.", "ERP")
    event_id = text("The event's id, in `webhook-id` at every attempt.", "evt_5c1b…")
    event_type = text("Its type.", TYPE)
    subject = text("What it is about.", "tasks/7d0e6a52")
    instance_id = maybe("The process instance, if one is concerned.")
    status = text("`pending`, `delivered` or `failed`.", "delivered")
    attempts = number("How often it was tried.", 1)
    error = maybe("Why it failed the last time.")
    created_at = time("When it was written.")
    next_try_at = maybe_time("When it is tried next.")
    finished_at = maybe_time("When it was delivered or given up.")


WebhookDeliveryPage = page_of("WebhookDeliveryPage", WebhookDelivery)


class WebhookAttempt(Schema):
    """One try."""

    number = number("Counts from 1.", 1)
    time = time("When.")
    seconds = Float(required=True, metadata={"description": "Time taken.", "example": 0.2})
    ok = Boolean(required=True, metadata={"description": "Whether it was taken."})
    status = Integer(required=True, allow_none=True, metadata={"description": "HTTP status.", "example": 204})
    error = maybe("Why not.")
    request_headers = Dict(
        keys=String(), values=String(), required=True, metadata={"description": "Without the signature."}
    )
    request_body = text("What was sent.", "{}")
    response_headers = Dict(
        keys=String(),
        values=String(),
        required=True,
        allow_none=True,
        metadata={"description": "Of the answer."},
    )
    response_body = maybe("The beginning of the answer.")


class WebhookDeliveryDetail(Schema):
    """A delivery with every try of it."""

    delivery = Nested(WebhookDelivery, required=True, metadata={"description": "Where it stands."})
    content = text("The event as it is sent.", "{}")
    tries = rows(WebhookAttempt, "The last first.")


class WebhookTest(Schema):
    """A test event on its way."""

    delivery_id = number("Number of its delivery.", 12)


class WebhookRedelivered(Schema):
    """What is sent once more."""

    count = number("How many.", 3)


class WebhookEventType(Schema):
    """A type of event."""

    name = text("Its name.", TYPE)
    meaning = text("When it is sent.", "A task waits for somebody.")
    payload = Dict(
        keys=String(),
        values=String(),
        required=True,
        metadata={"description": "Meaning of each member by path."},
    )


class WebhookEventTypes(Schema):
    """All types of events."""

    items = rows(WebhookEventType, "In the order of the reference.")
