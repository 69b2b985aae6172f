"""The form that starts a process, filled with what its designer suggests."""

from __future__ import annotations

from typing import Any

from engine import deployments
from engine.context import CommandContext
from engine.errors import Forbidden, PlanFlowError
from engine.execution.build import ProcessSpec
from engine.messages import translatable as _
from engine.queries import Queries


def start_form(
    ctx: CommandContext, queries: Queries, process_key: str
) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """The form (form-js JSON) of a process's newest version and its first data; None when it needs none.

    Raises NotFound, or Forbidden for who may not start it.
    """
    if not queries.process(process_key).startable:
        raise Forbidden(_("You may not start this process."))
    definition = deployments.latest(ctx.session, process_key)
    spec = ctx.spec(definition.id)
    name = spec.model.options.get("startForm")
    if name is None:
        return None
    form = ctx.services.definitions.form(ctx.session, definition.id, name)
    return form.source, form.default_data(_suggested(ctx, spec))


def _suggested(ctx: CommandContext, spec: ProcessSpec) -> dict[str, Any]:
    """What ``planflow:startValues`` gives. One that fails suggests nothing: people can still fill the form."""
    text = spec.model.options.get("startValues", "").removeprefix("=")
    if not text:
        return {}
    try:
        values = ctx.evaluate(text, {"starter": ctx.actor.user, "today": ctx.today.isoformat()})
    except PlanFlowError:
        return {}
    return values if isinstance(values, dict) else {}
