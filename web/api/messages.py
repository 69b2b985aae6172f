"""Messages in: ``/messages``."""

from __future__ import annotations

from typing import Any

from apiflask import APIBlueprint

from engine.commands import CorrelateMessage, Result
from web.api.giving import give
from web.api.schemas.basics import CommandResult
from web.api.schemas.commands import MessageBody

blueprint = APIBlueprint("messages", __name__, tag="Messages")


@blueprint.post("/messages")
@blueprint.input(MessageBody)
@blueprint.output(CommandResult)
@blueprint.doc(operation_id="correlateMessage")
def correlate(json_data: dict[str, Any]) -> Result:
    """Hand in a message

    The one instance, or message start event, whose correlation fits gets it. For members of `administrator`
    and `integration`.
    """
    return give(CorrelateMessage(**json_data))
