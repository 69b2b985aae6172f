"""How SQLite is opened, and its connections kept: WAL, every commit durable, references checked.

Making a connection, transaction and session of SQLAlchemy anew for each command took a sixth of a completion's time.
They are kept instead, and a transaction is begun and ended by the driver itself (docs/decisions/0005).
"""

from __future__ import annotations

import sqlite3
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from sqlalchemy import URL, Connection, Engine, NullPool, StaticPool, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from engine.storage import prepared
from engine.storage.json_text import to_json

BUSY_TIMEOUT_SECONDS = 15.0
MOST_KEPT = 10
"""Connections kept for the next transaction; threads beyond it open one for themselves."""


class Connections:
    """The connections to a SQLite file for one purpose: to write or to read.

    ``executed`` and ``committed`` are told of every statement and commit that does not go through SQLAlchemy.
    """

    def __init__(
        self, engine: Engine, begin: str, executed: Callable[[], None], committed: Callable[[], None]
    ) -> None:
        self._engine, self._begin = engine, begin
        self._executed, self._committed = executed, committed
        self._idle: deque[Transaction] = deque()

    def begin(self) -> Transaction:
        """A transaction. Raises DBAPIError or sqlite3.Error when it cannot be begun."""
        kept = self._kept()
        try:
            kept.driver.execute(self._begin)
        except BaseException:
            kept.close()
            raise
        return kept

    @property
    def idle(self) -> int:
        """How many are kept for the next transaction."""
        return len(self._idle)

    def close(self) -> None:
        """Close those that nobody uses."""
        while self._idle:
            self._idle.pop().close()

    def _kept(self) -> Transaction:
        try:
            return self._idle.pop()
        except IndexError:
            connection = self._engine.connect()
            session = Session(connection, autoflush=False)
            prepared.attach(session, connection, self._executed)
            return Transaction(connection, session, self._give_back, self._committed)

    def _give_back(self, kept: Transaction) -> None:
        if len(self._idle) < MOST_KEPT:
            self._idle.append(kept)
        else:
            kept.close()


class Transaction:
    """A connection and the session that works on it, for one transaction after the other."""

    def __init__(
        self,
        connection: Connection,
        session: Session,
        give_back: Callable[[Transaction], None],
        committed: Callable[[], None],
    ) -> None:
        self.session = session
        self.driver: Any = connection.connection.driver_connection
        self._connection, self._give_back, self._committed = connection, give_back, committed

    def commit(self) -> None:
        """What the session has joined it commits itself."""
        if self.session.in_transaction():
            self.session.commit()
            return
        try:
            self.driver.commit()
        except sqlite3.Error as error:
            dialect = self._connection.dialect
            raise DBAPIError.instance("COMMIT", (), error, sqlite3.Error, dialect=dialect) from error
        self._committed()

    def end(self) -> None:
        """Leave nothing of what was not committed, and keep the connection for the next."""
        try:
            if self.session.in_transaction():
                self.session.rollback()
            if self.driver.in_transaction:
                self.driver.rollback()
        except BaseException:
            self.close()
            raise
        self._give_back(self)

    def close(self) -> None:
        """Give the connection up."""
        self.session.close()
        self._connection.close()


def open_engines(url: URL) -> tuple[Engine, Engine]:
    """What writes and what reads. A database in memory is one connection, for one thread at a time."""
    if url.database in (None, "", ":memory:"):
        engine = _open(url, poolclass=StaticPool, connect_args={"check_same_thread": False})
        return engine, engine
    reading = _open(url, poolclass=NullPool)
    event.listen(reading, "connect", lambda raw, _: raw.execute("PRAGMA query_only = ON"))
    return _open(url, poolclass=NullPool), reading


def _open(url: URL, **options: Any) -> Engine:
    engine = create_engine(url, json_serializer=to_json, hide_parameters=True, **options)
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(raw: Any, _: object) -> None:
    raw.isolation_level = None  # the driver would begin by itself, late and without IMMEDIATE
    raw.execute(f"PRAGMA busy_timeout = {int(BUSY_TIMEOUT_SECONDS * 1000)}")
    _use_write_ahead_log(raw)
    raw.execute("PRAGMA synchronous = FULL")
    raw.execute("PRAGMA foreign_keys = ON")


def _use_write_ahead_log(raw: Any) -> None:
    """Switch the journal of a new file, which SQLite does not wait for while others open the file as well."""
    give_up = time.monotonic() + BUSY_TIMEOUT_SECONDS
    while raw.execute("PRAGMA journal_mode").fetchone()[0] not in ("wal", "memory"):
        try:
            raw.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > give_up:
                raise
            time.sleep(0.01)


def _begin(connection: Connection) -> None:
    """A session that is used within a kept connection's transaction joins it."""
    raw: Any = connection.connection.driver_connection
    if not raw.in_transaction:
        raw.execute("BEGIN IMMEDIATE")
