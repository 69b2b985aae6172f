"""What failed and waits to be mended: ``/incidents``."""

from __future__ import annotations

from typing import Any

from apiflask import APIBlueprint

from engine.commands import Result, RetryIncident
from engine.views import Incident, Page
from web.api.giving import give
from web.api.paging import PageQuery, linked
from web.api.schemas.answers import IncidentPage
from web.api.schemas.basics import CommandResult
from web.auth import current_actor
from web.container import services

blueprint = APIBlueprint("incidents", __name__, tag="Incidents")


@blueprint.get("/incidents")
@blueprint.input(PageQuery, location="query")
@blueprint.output(IncidentPage)
@blueprint.doc(operation_id="listIncidents")
def list_incidents(query_data: dict[str, Any]) -> Page[Incident]:
    """List what failed

    Incidents that wait to be mended, newest first. For those who see every instance.
    """
    with services().reading(current_actor()) as queries:
        return linked(queries.incidents(**query_data))


@blueprint.post("/incidents/<incident_id>/retry")
@blueprint.output(CommandResult)
@blueprint.doc(operation_id="retryIncident")
def retry(incident_id: str) -> Result:
    """Try again what failed

    For members of `administrator`, after the cause was mended.
    """
    return give(RetryIncident(incident_id))
