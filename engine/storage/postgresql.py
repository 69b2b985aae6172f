"""How PostgreSQL is opened: through SQLAlchemy's pool, which notices lost connections."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing

from sqlalchemy import URL, Connection, Engine, create_engine
from sqlalchemy.orm import Session

from engine.storage import prepared
from engine.storage.json_text import to_json


class Connections:
    """The connections to PostgreSQL for one purpose: to write or to read.

    ``executed`` is told of every statement that does not go through SQLAlchemy.
    """

    def __init__(self, engine: Engine, executed: Callable[[], None]) -> None:
        self._engine, self._executed = engine, executed

    def begin(self) -> Transaction:
        """A transaction. Raises DBAPIError when it cannot be begun."""
        return Transaction(self._engine.connect(), self._executed)

    def close(self) -> None:
        """The pool closes its own."""


class Transaction:
    """A connection of the pool, and a session that joins its transaction when it is first used."""

    def __init__(self, connection: Connection, executed: Callable[[], None]) -> None:
        self._connection = connection
        try:
            self._begun = connection.begin()
        except BaseException:
            connection.close()
            raise
        self.session = Session(connection, autoflush=False)
        prepared.attach(self.session, connection, executed)

    def commit(self) -> None:
        """Make it last."""
        self._begun.commit()

    def end(self) -> None:
        """Leave nothing of what was not committed, and give the connection back."""
        with self._connection, closing(self._begun):
            self.session.close()


def open_engine(url: URL) -> Engine:
    """What writes."""
    return create_engine(url, json_serializer=to_json, hide_parameters=True, pool_pre_ping=True)


def reading(engine: Engine) -> Engine:
    """The same pool, for transactions that see one moment and cannot write."""
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
