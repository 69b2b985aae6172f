"""Processes under way and ended: the list, and one of them with its diagram, history and data."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine import TerminateInstance
from engine.views import DiagramState
from web.auth import current_actor
from web.container import services
from web.i18n import gettext, translated_diagram
from web.pages.blueprint import blueprint
from web.pages.inbox import Choice
from web.pages.sentences import PEOPLES, by_day
from web.pages.shell import here_with
from web.pages.work import in_order, instance_standings

PAGE = 50
EVENTS = 200


@blueprint.get("/instances")
def instances() -> str:
    """Processes that this person may see."""
    with services().reading(current_actor()) as queries:
        page = queries.instances(
            mine=_scope() == "mine",
            status=_status(),
            process_key=request.args.get("process") or None,
            search=request.args.get("search") or None,
            cursor=request.args.get("cursor"),
            limit=PAGE,
        )
        processes = in_order(queries.processes())
    return render_template(
        "instances.html",
        instances=page.items,
        processes=processes,
        choices=_choices(),
        kept={"scope": "mine"} if _scope() == "mine" else {},
        statuses=instance_standings(),
        chosen_status=_status(),
        chosen_process=request.args.get("process"),
        first_page=here_with(cursor=None) if request.args.get("cursor") else None,
        next_page=here_with(cursor=page.next_cursor) if page.next_cursor else None,
    )


def _scope() -> str:
    return "mine" if request.args.get("scope") == "mine" else "all"


def _status() -> str | None:
    asked = request.args.get("status")
    return asked if asked in instance_standings() else None


def _choices() -> list[Choice]:
    return [
        Choice(gettext("All that I may see"), here_with(scope=None), _scope() == "all"),
        Choice(gettext("Started by me"), here_with(scope="mine"), _scope() == "mine"),
    ]


@blueprint.get("/instances/<instance_id>")
def instance(instance_id: str) -> str:
    """One process: where it stands, the way it went, and what it knows."""
    every_event = request.args.get("history") == "all"
    with services().reading(current_actor()) as queries:
        detail = queries.instance(instance_id)
        history = queries.history(
            instance_id,
            cursor=request.args.get("cursor"),
            limit=EVENTS,
            kinds=() if every_event else PEOPLES,
            newest_first=True,
        )
        variables = queries.variables(instance_id)
        diagram = queries.diagram(instance_id)
    plan_id = variables.get("plan_id")
    return render_template(
        "instance.html",
        detail=detail,
        diagram=diagram_json(diagram, detail.summary.process_key),
        days=by_day(history.items, detail.summary.process_key, every_event),
        every_event=every_event,
        next_page=here_with(cursor=history.next_cursor) if history.next_cursor else None,
        variables=variables,
        plan_id=plan_id if isinstance(plan_id, str) else None,
    )


def diagram_json(diagram: DiagramState, process_key: str) -> dict[str, Any]:
    """What the ``viewer`` island draws."""
    return {
        "xml": translated_diagram(diagram.xml, process_key),
        "active": dict(diagram.active),
        "completed": dict(diagram.completed),
        "taken_flows": list(diagram.taken_flows),
        "incidents": [incident.element for incident in diagram.incidents],
    }


@blueprint.post("/instances/<instance_id>/terminate")
def terminate(instance_id: str) -> Response:
    """End a process early, with a reason."""
    reason = request.form.get("reason", "").strip()
    services().engine.execute(TerminateInstance(instance_id, reason), current_actor())
    flash(gettext("The process was ended."), "positive")
    return redirect(url_for("pages.instance", instance_id=instance_id))
