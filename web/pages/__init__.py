"""The pages: server-rendered, one module each. A view asks ``engine`` or ``plans`` once and renders the answer."""

from __future__ import annotations

from flask.blueprints import BlueprintSetupState

from web.pages import (
    about,
    charts,
    display,
    inbox,
    incidents,
    instances,
    jobs,
    names,
    notices,
    plans,
    processes,
    profile,
    receivers,
    shell,
    start,
    tasks,
    webhooks,
    work,
)
from web.pages.blueprint import blueprint

VIEWS = (
    about,
    inbox,
    incidents,
    instances,
    jobs,
    notices,
    plans,
    processes,
    profile,
    receivers,
    start,
    tasks,
    webhooks,
)
"""The modules whose import gives the blueprint its routes."""

__all__ = ["VIEWS", "blueprint"]


@blueprint.record_once
def _install(state: BlueprintSetupState) -> None:
    for furniture in (shell, display, names, work, plans, charts):
        furniture.init_app(state.app)
