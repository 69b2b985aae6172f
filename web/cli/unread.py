"""Requests that the server refuses before the application reads them: too large, or not HTTP at all.

They are refused as everything else is, with RFC 9457 problem details. In English, for whose they are is not known yet.
"""

from __future__ import annotations

import json
import uuid
from http import HTTPStatus
from typing import cast

import structlog
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.task import ErrorTask
from waitress.utilities import Error

from web.problems import CODES, MEDIA_TYPE, TYPE

DETAILS = {
    413: "What was sent is larger than this installation takes.",
    431: "The headers are larger than this installation takes.",
}
NOT_UNDERSTOOD = "The request cannot be understood as it was sent."


log = structlog.get_logger("planflow.request")


class _Refusal(ErrorTask):
    """Answers with a problem and closes the connection, on which the rest of the request may still come."""

    def execute(self) -> None:
        # the stubs take the request for its error; one without an error is never given to this task
        error = cast(Error, cast(HTTPRequestParser, self.request).error)
        request_id = uuid.uuid4().hex
        log.info("request", request_id=request_id, status=error.code, reason=error.reason)
        body = json.dumps(problem(error)).encode()
        self.status = f"{error.code} {error.reason}"
        self.response_headers = [
            *self.response_headers,
            ("Content-Type", MEDIA_TYPE),
            ("X-Request-ID", request_id),
        ]
        self.content_length = len(body)
        self.set_close_on_finish()
        self.write(body)


class Channel(HTTPChannel):
    """A connection that refuses by itself in the same words as the application."""

    error_task_class = _Refusal


def problem(error: Error) -> dict[str, str | int]:
    """What the server found wrong, as problem details."""
    code = CODES.get(error.code, "error" if error.code >= HTTPStatus.INTERNAL_SERVER_ERROR else CODES[400])
    return {
        "type": TYPE + code,
        "title": error.reason,
        "status": error.code,
        "detail": DETAILS.get(error.code, NOT_UNDERSTOOD),
        "code": code,
    }
