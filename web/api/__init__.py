"""The REST API under ``/api/v1``: one module a resource, each view parses, calls once and answers."""

from __future__ import annotations

from typing import Any

from apiflask import APIBlueprint, APIFlask

from web.api import (
    deployments,
    incidents,
    instances,
    jobs,
    me,
    messages,
    plans,
    processes,
    receivers,
    reference,
    tasks,
    webhooks,
)

PREFIX = "/api/v1"
OPENAPI: dict[str, Any] = {"spec_path": None, "docs_path": None}
"""What the application is made with: the document and its reader are served by :mod:`web.api.reference`."""

BLUEPRINTS: tuple[APIBlueprint, ...] = (
    processes.blueprint,
    deployments.blueprint,
    instances.blueprint,
    tasks.blueprint,
    messages.blueprint,
    incidents.blueprint,
    jobs.blueprint,
    webhooks.blueprint,
    plans.blueprint,
    receivers.blueprint,
    me.blueprint,
)


def init_app(app: APIFlask) -> None:
    """Register every resource, and the OpenAPI document that describes them."""
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint, url_prefix=PREFIX)
    app.register_blueprint(reference.blueprint, url_prefix=PREFIX)
    reference.init_app(app)
