"""Messages and signals in: ``/messages`` and ``/signals``."""

from __future__ import annotations

from typing import Any

from apiflask import APIBlueprint
from flask import Response

from engine.commands import CorrelateMessage, ForgetMessage, Result, ThrowSignal
from engine.errors import NotFound
from engine.messages import translatable as _
from engine.views import KeptMessage, Page
from web.api.giving import give
from web.api.paging import PageQuery, linked
from web.api.schemas.answers import KeptMessagePage
from web.api.schemas.basics import CommandResult
from web.api.schemas.commands import MessageBody, SignalBody
from web.auth import current_actor
from web.container import services

blueprint = APIBlueprint("messages", __name__, tag="Messages")


@blueprint.post("/messages")
@blueprint.input(MessageBody)
@blueprint.output(CommandResult)
@blueprint.doc(operation_id="correlateMessage")
def correlate(json_data: dict[str, Any]) -> Result:
    """Hand in a message

    The one instance, or message start event, whose correlation fits gets it. While nobody waits for it, it is kept
    for `time_to_live`; the answer's `status` is then `kept`. For members of `administrator` and `integration`.
    """
    return give(CorrelateMessage(**{"time_to_live": services().settings.message_ttl, **json_data}))


@blueprint.get("/messages")
@blueprint.input(PageQuery, location="query")
@blueprint.output(KeptMessagePage)
@blueprint.doc(operation_id="listMessages")
def list_messages(query_data: dict[str, Any]) -> Page[KeptMessage]:
    """List messages that nobody has taken yet

    Oldest first, and signals on their way. For members of `administrator`, `auditor` and `integration`.
    """
    with services().reading(current_actor()) as queries:
        return linked(queries.messages(**query_data))


@blueprint.delete("/messages/<message_id>")
@blueprint.output({}, status_code=204)
@blueprint.doc(operation_id="forgetMessage")
def forget(message_id: str) -> Response:
    """Throw a message away

    For members of `administrator`.
    """
    give(ForgetMessage(message_number(message_id)))
    return Response(status=204)


@blueprint.post("/signals")
@blueprint.input(SignalBody)
@blueprint.output(CommandResult)
@blueprint.doc(operation_id="throwSignal")
def throw_signal(json_data: dict[str, Any]) -> Result:
    """Throw a signal

    All instances that wait for it at this moment get it, and the processes that it starts begin; there may be none.
    For members of `administrator` and `integration`.
    """
    return give(ThrowSignal(**json_data))


def message_number(text: str) -> int:
    """The number of a message in an address. Raises NotFound for what cannot be one."""
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise NotFound(_("There is no such message."))
    return int(text)
