"""``/metrics``: who may read the metrics of this process."""

from __future__ import annotations

import hmac

from flask import Blueprint, Response, request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from web.auth import bearer_token, public
from web.container import services
from web.settings import Settings, is_loopback

blueprint = Blueprint("metrics", __name__)


@blueprint.get("/metrics")
@public
def metrics() -> Response:
    """The metrics, for whoever has the token; without one in the settings for this machine alone."""
    if (refused := _refusal(services().settings)) is not None:
        return refused
    return Response(generate_latest(services().metrics.registry), content_type=CONTENT_TYPE_LATEST)


def _refusal(settings: Settings) -> Response | None:
    if settings.metrics_token:
        offered = bearer_token(request) or ""
        if hmac.compare_digest(offered.encode(), settings.metrics_token.encode()):
            return None
        return Response("A token is needed.\n", 401, {"WWW-Authenticate": "Bearer"}, mimetype="text/plain")
    # Behind a proxy that is not known as one, every caller seems to be on this machine.
    told_apart = settings.public_url is None or settings.proxies > 0
    if told_apart and is_loopback(request.remote_addr or ""):
        return None
    return Response("Set PLANFLOW_METRICS_TOKEN to read this.\n", 403, mimetype="text/plain")
