"""What every request and answer goes through: size limits, storable text, secure headers, a request id."""

from __future__ import annotations

import re
import uuid
from time import perf_counter

import structlog
from flask import Flask, Response, abort, g, request
from flask_login import current_user
from werkzeug.datastructures import MultiDict

from web.auth import is_api
from web.command_log import since
from web.json_body import parse, storable
from web.settings import Settings

UPLOAD_ENDPOINTS = frozenset({"deployments.deploy"})
SIGNED_ENDPOINTS = frozenset({"hooks.receive"})
"""Who has signed the body is known before it is read."""
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
YEAR = 31_536_000
TOO_MANY, BUSY = 429, 503
BUSY_SECONDS = "1"

# Scripts come from our own files alone. Style attributes are allowed (bpmn-js and form-js write them into
# their markup), style elements are not.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
        "style-src-attr 'unsafe-inline'",
        "img-src 'self' data:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}

log = structlog.get_logger("planflow.request")


def init_app(app: Flask, settings: Settings) -> None:
    """Install the hooks; before every other, so that nothing reads a body that is over its limit."""
    app.config["MAX_CONTENT_LENGTH"] = settings.max_body
    app.config["MAX_FORM_MEMORY_SIZE"] = settings.max_body

    @app.before_request
    def _admit() -> None:
        _begin()
        if request.endpoint in UPLOAD_ENDPOINTS:
            request.max_content_length = settings.max_upload
            request.max_form_memory_size = settings.max_upload

    @app.after_request
    def _finish(response: Response) -> Response:
        _begin()
        _secure(response, settings)
        _record(response)
        return response

    @app.teardown_request
    def _forget(_error: BaseException | None) -> None:
        structlog.contextvars.clear_contextvars()


def check_content() -> None:
    """Refuse a body or address that nothing further in could store. Runs after the caller is known."""
    if not storable(request.path):
        abort(400)
    _check_texts(request.args)
    if not is_api():
        _check_texts(request.form)
    elif request.endpoint not in UPLOAD_ENDPOINTS | SIGNED_ENDPOINTS:
        _check_json()


def _check_texts(fields: MultiDict[str, str]) -> None:
    if not all(storable(name) and all(map(storable, texts)) for name, texts in fields.lists()):
        abort(400)


def _check_json() -> None:
    if not request.get_data(cache=True):
        return
    if not request.is_json:
        abort(415)
    parse(request.get_data(cache=True))


def _begin() -> None:
    """Give the request its id, at its end where it was refused before it could begin."""
    if "request_id" in g:
        return
    g.started, g.request_id = perf_counter(), _request_id()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def _request_id() -> str:
    offered = request.headers.get("X-Request-ID", "")
    return offered if REQUEST_ID.fullmatch(offered) else uuid.uuid4().hex


def _secure(response: Response, settings: Settings) -> None:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers["X-Request-ID"] = g.request_id
    _say_when_to_come_back(response)
    if settings.https:
        response.headers["Strict-Transport-Security"] = f"max-age={YEAR}; includeSubDomains"
    if request.endpoint != "static":
        response.headers.setdefault("Cache-Control", "no-store")


def _say_when_to_come_back(response: Response) -> None:
    """``Retry-After`` where there is something to wait for; the rate limits write it on every answer."""
    if response.status_code == BUSY:
        response.headers["Retry-After"] = BUSY_SECONDS
    elif response.status_code != TOO_MANY:
        response.headers.pop("Retry-After", None)


def _record(response: Response) -> None:
    if request.endpoint == "static":
        return
    log.info(
        "request",
        method=request.method,
        path=request.path,
        status=response.status_code,
        milliseconds=since(g.started),
        actor=current_user.get_id() if current_user else None,
    )
