"""Notices: what people were told (policy C5, M6, Q7), newest first."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from plans import notices as plan_notices
from plans.queries import PlanQueries
from web.auth import current_actor
from web.container import services
from web.pages.blueprint import blueprint
from web.pages.shell import here_with


@blueprint.get("/notices")
def notices() -> str:
    """This person's notices."""
    with services().reading_plans(current_actor()) as queries:
        page = queries.notices(cursor=request.args.get("cursor"))
    return render_template(
        "notices.html",
        notices=page.items,
        first_page=here_with(cursor=None) if request.args.get("cursor") else None,
        next_page=here_with(cursor=page.next_cursor) if page.next_cursor else None,
    )


@blueprint.post("/notices/<notice_id>/read")
def read_notice(notice_id: str) -> Response:
    """Note that one was read."""
    with services().database.write() as session:
        plan_notices.mark_read(session, notice_id, current_actor().user, datetime.now(UTC))
    return redirect(url_for("pages.notices"))


@blueprint.post("/notices/read")
def read_all_notices() -> Response:
    """Note that all were read."""
    user = current_actor().user
    with services().database.write() as session:
        unread = PlanQueries(session, current_actor()).notices(unread=True, limit=200)
        for notice in unread.items:
            plan_notices.mark_read(session, notice.id, user, datetime.now(UTC))
    return redirect(url_for("pages.notices"))
