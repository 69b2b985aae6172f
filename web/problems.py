"""Errors on their way out: RFC 9457 ``application/problem+json`` for programs, a page for people.

Every :class:`engine.errors.PlanFlowError` already knows its status, code and message; here it is translated
into the reader's language and given the shape the reader wants. Nothing here decides what is an error.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import structlog
from apiflask import HTTPError
from flask import Flask, Response, g, jsonify, render_template, request
from flask_babel import gettext, lazy_gettext
from sqlalchemy.exc import DataError, InterfaceError, OperationalError, SQLAlchemyError, TimeoutError
from werkzeug.exceptions import HTTPException, SecurityError

from engine.discreet import discreet
from engine.errors import FieldProblem, Invalid, NotDeployable, PlanFlowError, Problem
from engine.messages import translatable
from web.auth import SignInNeeded, forget_unknown, is_api
from web.i18n import translated_error

MEDIA_TYPE = "application/problem+json"
TYPE = "urn:planflow:problem:"

TITLES: Mapping[int, Any] = {
    400: lazy_gettext("The request cannot be understood"),
    401: lazy_gettext("Sign in first"),
    403: lazy_gettext("This is not yours to do"),
    404: lazy_gettext("Not found"),
    405: lazy_gettext("Not possible here"),
    409: lazy_gettext("Not possible as things stand"),
    413: lazy_gettext("Too large"),
    415: lazy_gettext("This kind of content is not taken here"),
    422: lazy_gettext("Something is not right yet"),
    429: lazy_gettext("Too many requests"),
    500: lazy_gettext("Something went wrong here"),
    503: lazy_gettext("Busy just now"),
}
CODES: Mapping[int, str] = {
    400: "bad_request",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "unsupported_media_type",
    422: "invalid",
    429: "too_many_requests",
    503: "busy",
}
DETAILS: Mapping[int, Any] = {
    400: lazy_gettext("The request cannot be understood as it was sent."),
    404: lazy_gettext("There is nothing at this address."),
    405: lazy_gettext("This address does not take that method."),
    413: lazy_gettext("What was sent is larger than this installation takes."),
    415: lazy_gettext("Send JSON with the content type application/json."),
    429: lazy_gettext("Wait a moment, then try again."),
    500: lazy_gettext("The error was written down with this request's number; nothing was changed."),
    503: lazy_gettext("The database is busy. Try again in a moment; nothing was changed."),
}

SCHEMA_MESSAGES = (
    translatable("Unknown field."),
    translatable("Missing data for required field."),
    translatable("Field may not be null."),
    translatable("Invalid input type."),
    translatable("Invalid value."),
    translatable("Not a valid string."),
    translatable("Not a valid integer."),
    translatable("Not a valid boolean."),
    translatable("Not a valid mapping type."),
    translatable("Not a valid list."),
    translatable("Not a valid file."),
)
"""What marshmallow says of fields by itself, named here so that the catalogues can translate it."""

log = structlog.get_logger("planflow.web")


def init_app(app: Flask) -> None:
    """Install the handlers. Call it after every other extension, so that none of theirs comes first."""
    app.register_error_handler(PlanFlowError, _planflow_error)
    app.register_error_handler(HTTPError, _schema_error)
    app.register_error_handler(HTTPException, _http_error)
    for trouble in (OperationalError, InterfaceError, TimeoutError):
        app.register_error_handler(trouble, _busy)
    app.register_error_handler(DataError, _not_storable)
    app.register_error_handler(Exception, _unexpected)


def _planflow_error(error: PlanFlowError) -> Response:
    if error.status >= 500:
        forget_unknown()
        log.error("failed", code=error.code, error=discreet(error))
        return answer(error.status, error.code, str(DETAILS.get(error.status, DETAILS[500])))
    return answer(error.status, error.code, translated_error(error), **_particulars(error))


def _particulars(error: PlanFlowError) -> dict[str, Any]:
    if isinstance(error, Invalid):
        return {"errors": [_field(problem) for problem in error.fields]}
    if isinstance(error, NotDeployable):
        return {"problems": [finding(problem) for problem in error.problems]}
    return {}


def _field(problem: FieldProblem) -> dict[str, str]:
    return {"field": problem.field, "message": translated_error(problem)}


def finding(problem: Problem) -> dict[str, str | int | None]:
    """A finding about a model as the API says it."""
    return {
        "resource": problem.resource,
        "element": problem.element,
        "name": problem.name,
        "reason": gettext(problem.reason),
        "rule": problem.rule,
        "severity": problem.severity,
        "line": problem.line,
    }


def _schema_error(error: HTTPError) -> Response:
    """What APIFlask raises when a body or query does not fit its schema."""
    code = CODES.get(error.status_code, "error")
    if error.status_code != 422:
        return answer(error.status_code, code, str(error.message))
    problems = [problem for place in error.detail.values() for problem in _flatten("", place)]
    return answer(422, "invalid", gettext("Some fields are not right."), errors=problems)


def _flatten(place: str, messages: Any) -> Iterator[dict[str, str]]:
    if isinstance(messages, dict):
        for key, below in messages.items():
            name = "" if key == "_schema" else str(key)
            yield from _flatten(".".join(filter(None, (place, name))), below)
    else:
        yield {"field": place, "message": " ".join(gettext(str(message)) for message in messages)}


def _http_error(error: HTTPException) -> Response:
    if error.code is None or error.response is not None or error.code < 400:
        return error.get_response()  # type: ignore[return-value]  # a redirect or a ready answer
    if isinstance(error, SecurityError):  # an untrusted host: not even an address of ours can be made for it
        return Response(f"{error.name}\n", error.code, mimetype="text/plain")
    response = answer(error.code, CODES.get(error.code, "error"), _detail(error))
    for name, value in error.get_headers():
        if name.lower() in ("allow", "retry-after", "www-authenticate"):
            response.headers[name] = value
    return response


def _detail(error: HTTPException) -> str:
    from flask_wtf.csrf import CSRFError

    if isinstance(error, CSRFError):
        return str(gettext("This page was open for too long. Load it again, then repeat what you did."))
    return str(DETAILS.get(error.code or 500, error.name))


def _busy(error: SQLAlchemyError) -> Response:
    forget_unknown()
    log.warning("database_busy", error=discreet(error))
    return answer(503, "busy", str(DETAILS[503]))


def _not_storable(error: DataError) -> Response:
    """What got past every check and is still nothing that the database takes."""
    log.warning("database_refused_data", error=discreet(error))
    return answer(400, CODES[400], str(DETAILS[400]))


def _unexpected(error: Exception) -> Response:
    forget_unknown()
    log.error("unexpected_error", exc_info=error)
    return answer(500, "error", str(DETAILS[500]))


def answer(status: int, code: str, detail: str, **more: Any) -> Response:
    """The error in the shape that the caller reads."""
    title = str(TITLES.get(status, TITLES[500]))
    if is_api():
        response = _as_problem(status, code, title, detail, more)
    else:
        page = render_template("error.html", status=status, title=title, detail=detail, **more)
        response = Response(page, status, mimetype="text/html")
    if status == SignInNeeded.status and is_api():
        response.headers["WWW-Authenticate"] = 'Bearer realm="PlanFlow"'
    return response


def _as_problem(status: int, code: str, title: str, detail: str, more: Mapping[str, Any]) -> Response:
    body = {
        "type": TYPE + code,
        "title": title,
        "status": status,
        "detail": detail,
        "instance": request.path,
        "code": code,
        "request_id": g.get("request_id"),
        **more,
    }
    response = jsonify(body)
    response.status_code = status
    response.mimetype = MEDIA_TYPE
    return response
