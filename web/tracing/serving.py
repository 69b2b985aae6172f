"""A span for each request that is answered, but not for files and for what watches over the server."""

from __future__ import annotations

from contextlib import AbstractContextManager

from flask import Flask, Response, g, request
from opentelemetry.context import Context
from opentelemetry.trace import Span, SpanKind, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from web.tracing.tracing import Tracing

WATCHING = frozenset({"static", "health.healthz", "health.readyz", "metrics.metrics"})
FROM = 500
"""The first status that says the server is to blame."""


def init_app(app: Flask, tracing: Tracing) -> None:
    """Install the hooks; after those that give the request its id, and before all that do something."""

    @app.before_request
    def _begin() -> None:
        if request.endpoint not in WATCHING:
            block = _span(tracing)
            g.span, g.span_block = block.__enter__(), block

    @app.after_request
    def _note(response: Response) -> Response:
        if "span" in g:
            g.span.set_attribute("http.response.status_code", response.status_code)
            if response.status_code >= FROM:
                g.span.set_status(StatusCode.ERROR)
        return response

    @app.teardown_request
    def _end(_error: BaseException | None) -> None:
        if block := g.pop("span_block", None):
            block.__exit__(None, None, None)


def _span(tracing: Tracing) -> AbstractContextManager[Span]:
    """Named for the route, which holds names of places and no values."""
    route = request.url_rule.rule if request.url_rule else None
    told: dict[str, str | int] = {
        "http.request.method": request.method,
        "url.scheme": request.scheme,
        "planflow.request_id": g.request_id,
    }
    if route:
        told["http.route"] = route
    name = f"{request.method} {route}" if route else request.method
    return tracing.span(name, SpanKind.SERVER, told, parent=_parent(tracing))


def _parent(tracing: Tracing) -> Context:
    """The trace that a proxy in front has begun; a stranger could mix his requests with those of others."""
    carried = dict(request.headers) if tracing.trusts_callers else {}
    return TraceContextTextMapPropagator().extract({name.lower(): value for name, value in carried.items()})
