"""Starting a process: what can be started, and its first form."""

from __future__ import annotations

import secrets
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine import StartInstance
from engine.errors import Conflict, Forbidden, Invalid
from engine.messages import translatable
from web.auth import current_actor
from web.container import services
from web.i18n import process_description, translated_diagram, translated_error
from web.pages import forms
from web.pages.afterwards import own_task, told_started
from web.pages.blueprint import blueprint
from web.pages.work import in_order


@blueprint.get("/start")
def start() -> str:
    """What this person may start, then the other processes with who may, then those that are only drawn."""
    with services().reading(current_actor()) as queries:
        found = queries.processes()
        described = {one.key: process_description(queries.process(one.key).xml, one.key) for one in found}
    return render_template(
        "start.html",
        mine=in_order(one for one in found if one.startable),
        others=in_order(one for one in found if one.executable and not one.startable),
        drawn=in_order(one for one in found if not one.executable),
        described=described,
    )


@blueprint.get("/start/<key>")
def start_form(key: str) -> str:
    """The start form of one process, and the way it goes."""
    return render_template("start_form.html", **_context(key, {}))


@blueprint.post("/start/<key>")
def start_process(key: str) -> Response | tuple[str, int]:
    """Start it, once for each form shown; when it is refused, the form comes back with what was written."""
    try:
        command = StartInstance(key, forms.submitted())
        shown = request.form.get("once")
        once = forms.said_once(command, shown) if shown else None
        result = services().engine.execute(command, current_actor(), once)
    except (Invalid, Conflict) as refusal:
        page = render_template("start_form.html", **_context(key, forms.written(), refusal))
        return page, refusal.status
    flash(*told_started(key, result))
    return redirect(_onward(result.instance_id))


def _onward(instance_id: str) -> str:
    """The first task when it is this person's, else the instance."""
    task = own_task(instance_id)
    if task is not None:
        return url_for("pages.task", task_id=task.id)
    return url_for("pages.instance", instance_id=instance_id)


def _context(key: str, written: dict[str, Any], refusal: Invalid | Conflict | None = None) -> dict[str, Any]:
    with services().reading(current_actor()) as queries:
        process = queries.process(key)
    if not process.startable:
        raise Forbidden(translatable("You may not start this process."))
    invalid = refusal if isinstance(refusal, Invalid) else None
    source, defaults = services().engine.start_form(key, current_actor()) or (None, {})
    errors = forms.errors_by_field(invalid) if invalid else {}
    form = forms.form_view(source, {**defaults, **written}, key, errors=errors)
    return {
        "process": process.summary,
        "description": process_description(process.xml, key),
        "form": form,
        "once": secrets.token_urlsafe(16),
        "diagram": {"xml": translated_diagram(process.xml, key)},
        "form_problems": forms.told_problems(invalid, form, key) if invalid else [],
        "problem": translated_error(refusal) if refusal and not (invalid and invalid.fields) else None,
    }
