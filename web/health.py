"""Whether this process answers and reaches its database, for whatever watches over it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress

from flask import Blueprint, Response, current_app, jsonify
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from engine import heartbeats
from engine.engine import utc_now
from engine.storage.database import DatabaseUnavailable
from web.auth import public
from web.container import services

blueprint = Blueprint("health", __name__)
OWN_WORKER = "planflow-own-worker"
"""Where the application keeps how to ask whether the worker inside its process goes on; None without one."""


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
    """Whether requests can be sent here, and what is amiss.

    503 ``unavailable`` while the database does not answer, its tables are not those of this version, or the worker
    that this process is to run has stopped. 200 ``degraded`` when nobody does jobs: people are served all the same,
    and taking every server away would only make an outage of that.
    """
    checks = {"database": "unavailable", "migrations": "unknown", "worker": "unknown"}
    with suppress(SQLAlchemyError, DatabaseUnavailable):
        checks |= {"database": "ok", "migrations": "ok" if services().database.is_current() else "outdated"}
        if checks["migrations"] == "ok":
            checks["worker"] = _worker()
    status = _status(checks)
    return jsonify(status=status, checks=checks), 503 if status == "unavailable" else 200


def _status(checks: Mapping[str, str]) -> str:
    served = checks["database"] == checks["migrations"] == "ok" and checks["worker"] != "stopped"
    if not served:
        return "unavailable"
    return "ok" if checks["worker"] == "ok" else "degraded"


def _worker() -> str:
    """``stopped``: this process's own; ``gone``: all that do jobs, wherever they are."""
    own: Callable[[], bool] | None = current_app.extensions[OWN_WORKER]
    if own is not None and not own():
        return "stopped"
    with services().session() as session:
        known = heartbeats.workers(session)
    return "ok" if heartbeats.somebody_works(known, utc_now()) else "gone"
