"""Shapes of receivers: what other systems may post, and what that does."""

from __future__ import annotations

from typing import Any

from apiflask import Schema
from apiflask.fields import Boolean, Dict, Integer, List, Nested, String
from apiflask.validators import Length

from engine.messages import translatable as _
from web.api.paging import page_of
from web.api.schemas.basics import Strict, maybe, maybe_time, number, text
from web.api.schemas.basics import time as moment

LONG = Length(max=10_000, error=_("Write at most 10,000 characters."))
SHORT = Length(max=200, error=_("Write at most 200 characters."))


def _expression(description: str, example: str) -> String:
    said = f"{description} A Starlark expression over `body` and `headers`; empty for none."
    return String(load_default="", validate=LONG, metadata={"description": said, "example": example})


class ReceiverBody(Strict):
    """What a receiver is."""

    authentication = String(
        load_default="standard",
        validate=SHORT,
        metadata={
            "description": "`standard` (Standard Webhooks), `github` (`X-Hub-Signature-256`) or `bearer`. Another one "
            "than before comes with a new secret."
        },
    )
    action = String(
        load_default="message",
        validate=SHORT,
        metadata={"description": "`message`, `start`, or `readings` of indicators.", "example": "message"},
    )
    target = String(
        load_default="",
        validate=SHORT,
        metadata={
            "description": "Name of the message, or key of the process to start.",
            "example": "figures_ready",
        },
    )
    correlation = _expression("Gives the message's correlation keys.", '{"quarter": body["quarter"]}')
    variables = _expression(
        "Gives what the message carries, what the process begins with, or `{readings: […]}`.", "body"
    )
    business_key = _expression("Gives the new instance's business key.", 'body["order"]["id"]')
    only_when = _expression(
        "Says whether the call is for this receiver at all.", 'headers["x-github-event"] == "push"'
    )
    schema = Dict(
        load_default=None,
        allow_none=True,
        metadata={"description": "A JSON Schema (2020-12) that every body has to fit.", "example": {}},
    )
    time_to_live = String(
        load_default=None,
        allow_none=True,
        validate=SHORT,
        metadata={
            "description": "How long a message is kept while nobody waits for it (ISO 8601); null as set for all.",
            "example": "P1D",
        },
    )
    groups = List(
        String(validate=SHORT),
        load_default=list,
        metadata={
            "description": "Groups in which it acts, beside `integration`, to start what only they may."
        },
    )
    id_header = String(
        load_default="",
        validate=SHORT,
        metadata={"description": "`bearer` alone: the header with the call's id, else `webhook-id`."},
    )
    enabled = Boolean(load_default=True, metadata={"description": "Whether calls are accepted."})


class NewReceiverBody(ReceiverBody):
    """A new receiver."""

    name = String(
        required=True,
        validate=SHORT,
        metadata={
            "description": "Lower-case letters, digits and hyphens; part of the address.",
            "example": "erp",
        },
    )


class ChangedReceiverBody(ReceiverBody):
    """A receiver as it is to be from now on."""

    revision = Integer(
        load_default=None,
        allow_none=True,
        metadata={"description": "The revision that you saw; 409 if it has moved on.", "example": 3},
    )


class RotateBody(Strict):
    """A new secret."""

    at_once = Boolean(
        load_default=False,
        metadata={
            "description": "Whether the secret before ends now instead of in a day, because it leaked."
        },
    )


class Receiver(Schema):
    """A receiver, without its secret."""

    name = text("Its name.", "erp")
    address = text("Where to post.", "https://plans.example.com/hooks/erp")
    authentication = text("`standard`, `github` or `bearer`.", "standard")
    action = text("`message`, `start` or `readings`.", "message")
    target = text("Name of the message, or key of the process.", "figures_ready")
    correlation = text("Expression.", "")
    variables = text("Expression.", "body")
    business_key = text("Expression.", "")
    only_when = text("Expression.", "")
    schema = Dict(
        required=True, allow_none=True, metadata={"description": "JSON Schema of the body, or null."}
    )
    time_to_live = maybe("How long a message is kept.", "P1D")
    groups = List(String(), required=True, metadata={"description": "Groups in which it acts."})
    id_header = text("The header with the call's id, if one is named.", "")
    enabled = Boolean(required=True, metadata={"description": "Whether calls are accepted."})
    old_secret_until = maybe_time("Until when the secret before is accepted too.")
    last_call_at = maybe_time("When it was called last.")
    created_at = moment("When it was made.")
    created_by = text("By whom.", "admin")
    updated_at = moment("When it was changed last.")
    updated_by = text("By whom.", "admin")
    revision = number("Grows with every change.", 3)


class ReceiverWithSecret(Receiver):
    """A receiver, with its secret if that is new."""

    secret = maybe("The new secret, shown this once; null if it stays as it is.", "whsec_…")


class ReceiverInList(Receiver):
    """A receiver among others."""


class Receivers(Schema):
    """All receivers by name."""

    items = List(Nested(ReceiverInList), required=True, metadata={"description": "By name."})


class ReceiverCall(Schema):
    """A call, or several refused ones of one kind that followed each other closely."""

    id = number("Its number.", 17)
    time = moment("When it came.")
    last_time = moment("When the last of them came.")
    count = number("How many there were.", 1)
    webhook_id = maybe("The id that the sender gave it.", "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W")
    outcome = text("`accepted`, `duplicate`, `ignored` or `refused`.", "accepted")
    status = number("The HTTP status of the answer.", 200)
    reason = maybe("Why it was refused.", "The signature is wrong.")
    instance_id = maybe("The process instance that it started or went to.")
    bytes = number("How long its body was.", 120)
    excerpt = maybe("The beginning of the body, if its sender was known.", '{"quarter": 1}')


ReceiverCallPage: Any = page_of("ReceiverCallPage", ReceiverCall)
