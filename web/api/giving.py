"""From a request to a command: who gives it, under which idempotency key, against which revision."""

from __future__ import annotations

import re

from flask import Response, after_this_request, request

from engine.commands import Command, Result
from engine.errors import FieldProblem, Invalid
from engine.messages import translatable as _
from web.auth import current_actor
from web.container import services

KEY = re.compile(r"[\x21-\x7e]{1,200}")
REVISION = re.compile(r'(?:W/)?"(\d{1,15})"')


def give(command: Command) -> Result:
    """Let the engine execute ``command`` for the person who asks, once for each ``Idempotency-Key``."""
    result = services().engine.execute(command, current_actor(), _idempotency_key())
    if result.replayed:
        after_this_request(_mark_replayed)
    return result


def seen_revision(in_body: int | None = None) -> int | None:
    """The revision that the caller saw: from the body, or from ``If-Match`` as ``ETag`` gave it."""
    wanted = request.headers.get("If-Match", "").strip()
    if not wanted or wanted == "*":
        return in_body
    match = REVISION.fullmatch(wanted)
    if match is None:
        raise _wrong_header("If-Match", _('Write the revision in quotes, as in "3".'))
    return int(match.group(1))


def tagged(revision: int) -> None:
    """Send ``revision`` along as the answer's ``ETag``, for a later ``If-Match``."""

    def _tag(response: Response) -> Response:
        response.set_etag(str(revision))
        return response

    after_this_request(_tag)


def _idempotency_key() -> str | None:
    key = request.headers.get("Idempotency-Key")
    if key is not None and not KEY.fullmatch(key):
        raise _wrong_header("Idempotency-Key", _("Write 1 to 200 visible ASCII characters."))
    return key


def _mark_replayed(response: Response) -> Response:
    response.headers["Idempotency-Replayed"] = "true"
    return response


def _wrong_header(header: str, reason: str) -> Invalid:
    return Invalid(_("Some fields are not right."), [FieldProblem(header, reason)])
