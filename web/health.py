"""Whether this process answers and reaches its database, for whatever watches over it."""

from __future__ import annotations

from contextlib import suppress

from flask import Blueprint, Response, jsonify
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from engine.storage.database import DatabaseUnavailable
from web.auth import public
from web.container import services

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@public
def healthz() -> tuple[Response, int]:
    """200 when the database answers, 503 when it does not. Says nothing more to strangers."""
    try:
        with services().session() as session:
            session.execute(select(1))
    except SQLAlchemyError:
        return jsonify(status="unavailable"), 503
    return jsonify(status="ok"), 200


@blueprint.get("/readyz")
@public
def readyz() -> tuple[Response, int]:
    """200 when requests can be sent here: the database answers, and its tables are those of this version; else 503."""
    checks = {"database": "unavailable", "migrations": "unknown"}
    with suppress(SQLAlchemyError, DatabaseUnavailable):
        current = services().database.is_current()
        checks = {"database": "ok", "migrations": "ok" if current else "outdated"}
    ready = set(checks.values()) == {"ok"}
    return jsonify(status="ok" if ready else "unavailable", checks=checks), 200 if ready else 503
