"""Incidents: steps that stopped, for the administrator to try again."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine import RetryIncident
from web.auth import current_actor
from web.container import services
from web.i18n import gettext
from web.pages.blueprint import blueprint
from web.pages.shell import here_with


@blueprint.get("/incidents")
def incidents() -> str:
    """What has stopped and waits to be mended."""
    with services().reading(current_actor()) as queries:
        page = queries.incidents(cursor=request.args.get("cursor"))
    return render_template(
        "incidents.html",
        incidents=page.items,
        first_page=here_with(cursor=None) if request.args.get("cursor") else None,
        next_page=here_with(cursor=page.next_cursor) if page.next_cursor else None,
    )


@blueprint.post("/incidents/<incident_id>/retry")
def retry_incident(incident_id: str) -> Response:
    """Try the step again."""
    services().engine.execute(RetryIncident(incident_id), current_actor())
    flash(gettext("The step was tried again and the process has gone on."), "positive")
    return redirect(url_for("pages.incidents"))
