"""Incidents: steps that stopped, processes that could not begin, and messages that nobody has taken yet."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine import ForgetMessage, RetryIncident
from engine.visibility import sees_messages
from web.api.messages import message_number
from web.auth import current_actor
from web.container import services
from web.i18n import gettext
from web.pages.blueprint import blueprint
from web.pages.shell import here_with


@blueprint.get("/incidents")
def incidents() -> str:
    """What has stopped or could not begin, and for those who may see them the messages that wait."""
    reader, later = current_actor(), request.args.get("messages")
    with services().reading(reader) as queries:
        page = queries.incidents(cursor=request.args.get("cursor"))
        failed = queries.failed_starts()
        kept = queries.messages(cursor=later, limit=20) if sees_messages(reader) else None
    return render_template(
        "incidents.html",
        incidents=page.items,
        first_page=here_with(cursor=None) if request.args.get("cursor") else None,
        next_page=here_with(cursor=page.next_cursor) if page.next_cursor else None,
        failed_starts=failed,
        messages=kept.items if kept else (),
        may_forget=reader.belongs_to("administrator"),
        first_messages=here_with(messages=None) if later else None,
        next_messages=here_with(messages=kept.next_cursor) if kept and kept.next_cursor else None,
    )


@blueprint.post("/incidents/<incident_id>/retry")
def retry_incident(incident_id: str) -> Response:
    """Try the step again."""
    services().engine.execute(RetryIncident(incident_id), current_actor())
    flash(gettext("The step was tried again and the process has gone on."), "positive")
    return redirect(url_for("pages.incidents"))


@blueprint.post("/messages/<message_id>/forget")
def forget_message(message_id: str) -> Response:
    """Throw a message away that nobody has taken."""
    services().engine.execute(ForgetMessage(message_number(message_id)), current_actor())
    flash(gettext("The message was thrown away."), "positive")
    return redirect(url_for("pages.incidents"))
