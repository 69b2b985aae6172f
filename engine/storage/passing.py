"""Troubles with the database that pass by themselves: somebody else was first, or it was away for a moment."""

from __future__ import annotations

import sqlite3

from sqlalchemy.exc import DBAPIError

from engine.errors import Conflict
from engine.storage.database import DatabaseUnavailable

_STATES = frozenset({"40001", "40P01", "55P03", "57P01", "57P02", "57P03"})
"""PostgreSQL's SQLSTATEs of serialization failures, deadlocks, locks not had, and a server that stops or starts."""
_CONNECTION = "08"
"""The class of SQLSTATEs of connections that broke."""
_RESOURCES = "53"
"""The class of SQLSTATEs of a full disk, too little memory, and too many connections."""
_BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL})


def passes(error: BaseException) -> bool:
    """Whether the same may well succeed when it is tried again, with nothing mended in what is done.

    A full disk wants an operator; but no job has failed by it, and none is to stop and become an incident.
    """
    if isinstance(error, Conflict | DatabaseUnavailable):
        return True
    if not isinstance(error, DBAPIError):
        return False
    state = getattr(error.orig, "sqlstate", None) or ""
    code = getattr(error.orig, "sqlite_errorcode", 0) & 0xFF
    return (
        error.connection_invalidated
        or state in _STATES
        or state[:2] in (_CONNECTION, _RESOURCES)
        or code in _BUSY
    )
