"""``POST /hooks/{name}``: what other systems send. Each call is asked itself who has signed it."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request, url_for
from werkzeug.exceptions import RequestEntityTooLarge

from web.auth import signed
from web.container import services
from webhooks.incoming import Call, Taken

blueprint = Blueprint("hooks", __name__)


@blueprint.post("/hooks/<name>")
@signed
def receive(name: str) -> Response:
    """Let a call have its effect, once."""
    headers = {key.lower(): value for key, value in request.headers.items()}
    call = Call(headers, _body(), request.headers.get("Content-Type", ""))
    return _answer(services().incoming.receivers.take(name, call))


def _body() -> bytes | None:
    """What was posted; None for more than this installation takes."""
    try:
        return request.get_data(cache=False)
    except RequestEntityTooLarge:
        return None


def _answer(taken: Taken) -> Response:
    response: Response = jsonify(dict(taken.answer))
    if taken.repeated:
        response.headers["Idempotency-Replayed"] = "true"
    return response


def address_of(name: str) -> str:
    """Where others post to a receiver: below the public address, or that of the request that asks."""
    public, path = services().settings.public_url, url_for("hooks.receive", name=name)
    return f"{public}{path}" if public else request.host_url.rstrip("/") + path
