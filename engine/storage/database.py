"""The database handle: how SQLite and PostgreSQL are opened, read, written and migrated."""

from __future__ import annotations

import re
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Protocol, TypeVar

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import URL, Connection, Engine, QueuePool, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.orm import Session

from engine.errors import PlanFlowError
from engine.messages import translatable
from engine.storage import postgresql, sqlite

MIGRATIONS = Path(__file__).parent / "migrations"
PASSWORD = re.compile(r"(//[^/@:]*:|password=)[^@&]*")
"""In an address that cannot be read, and so not by its parts."""
_MIGRATION_LOCK = 0x504C414E  # any number that only migrations of this product use


Opened = TypeVar("Opened")


class Transaction(Protocol):
    """A session in a transaction, of which nothing remains that is not committed when it ends."""

    @property
    def session(self) -> Session: ...
    def commit(self) -> None: ...
    def end(self) -> None: ...


class Connections(Protocol):
    """Where transactions of one kind begin."""

    def begin(self) -> Transaction: ...
    def close(self) -> None: ...


class DatabaseUnavailable(PlanFlowError):
    """The database cannot be opened or did not answer in time. The message names it, without its password."""

    status = 503
    code = "database_unavailable"


@dataclass
class Counts:
    """How many SQL statements and commits ran while counting, over all threads."""

    statements: int = 0
    commits: int = 0


class Database:
    """A SQLite file or a PostgreSQL database.

    ``url`` is SQLAlchemy's (``sqlite:////var/lib/planflow/planflow.db``, ``postgresql://user@host/name``).
    ``extra_version_locations`` are folders of Alembic revisions beside the engine's own.
    Raises `DatabaseUnavailable` where the address makes no sense, or later where nothing answers at it.
    """

    def __init__(self, url: str | URL, extra_version_locations: Sequence[Path | str] = ()) -> None:
        self.url = _understood(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._version_locations = [MIGRATIONS / "versions", *map(Path, extra_version_locations)]
        self._counters: list[Counts] = []
        # Within one process SQLite's writers queue here; between processes its busy handler polls.
        self._writer = threading.RLock()
        if self.is_sqlite:
            self.engine, reading = self._opened(lambda: sqlite.open_engines(self.url))
            kept = partial(sqlite.Connections, executed=self._count_statement, committed=self._count_commit)
            self._writing: Connections = kept(self.engine, "BEGIN IMMEDIATE")
            self._reading: Connections = kept(reading, "BEGIN")
            self._engines: tuple[Engine, ...] = (self.engine, reading)
        else:
            self.engine = self._opened(lambda: postgresql.open_engine(self.url))
            self._writing = postgresql.Connections(self.engine, self._count_statement)
            self._reading = postgresql.Connections(postgresql.reading(self.engine), self._count_statement)
            self._engines = (self.engine,)
        for engine in self._engines:
            event.listen(engine, "before_cursor_execute", self._count_statement)
            event.listen(engine, "commit", self._count_commit)

    @contextmanager
    def write(self) -> Iterator[Session]:
        """One transaction that may write: committed at the end, rolled back whole if an error leaves it.

        On SQLite it takes the write lock at once, so that nothing read in it can be outdated when it writes.
        """
        with self._turn_to_write():
            transaction = self._begun(self._writing)
            try:
                yield transaction.session
                transaction.commit()
            finally:
                transaction.end()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """One transaction that sees a single moment of the database and cannot write."""
        transaction = self._begun(self._reading)
        try:
            yield transaction.session
        finally:
            transaction.end()

    def upgrade(self) -> None:
        """Bring the schema to the newest revision of every version location; a current one stays as it is.

        Raises DatabaseUnavailable for a schema of a later version, which is left alone.
        """
        if not self.knows(self.current_revisions()):
            raise self._unavailable("a later version of PlanFlow has made it")
        with self._turn_to_write(), self._connected() as connection:
            if self.is_sqlite:
                _upgrade_sqlite(connection, self._alembic(connection))
            else:
                with connection.begin():
                    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
                    command.upgrade(self._alembic(connection), "heads")

    def current_revisions(self) -> frozenset[str]:
        """The revisions the schema stands at, one for each branch; empty for a new database."""
        with self._connected() as connection:
            return frozenset(MigrationContext.configure(connection).get_current_heads())

    def is_current(self) -> bool:
        """Whether the schema stands where :meth:`upgrade` would bring it."""
        config = Config()
        self._locate_migrations(config)
        known = ScriptDirectory.from_config(config)
        try:
            standing = {each.revision for each in known.get_all_current(tuple(self.current_revisions()))}
        except CommandError:  # a revision that this version does not know: of a later one
            return False
        return standing >= set(known.get_heads())

    def knows(self, revisions: frozenset[str]) -> bool:
        """Whether these are revisions of this version or an earlier one."""
        config = Config()
        self._locate_migrations(config)
        known = ScriptDirectory.from_config(config)
        try:
            return all(known.get_revision(revision) is not None for revision in revisions)
        except CommandError:
            return False

    @contextmanager
    def counting(self) -> Iterator[Counts]:
        """Count SQL statements and commits while the block runs (an executemany is one; BEGIN is none)."""
        counts = Counts()
        self._counters.append(counts)
        try:
            yield counts
        finally:
            self._counters = [other for other in self._counters if other is not counts]

    def connections(self) -> Mapping[str, int]:
        """Connections that this process has open: ``busy`` with a transaction, or ``idle`` until the next one.

        Of SQLite's only those that are idle are known.
        """
        if isinstance(pool := self.engine.pool, QueuePool):
            return {"busy": pool.checkedout(), "idle": pool.checkedin()}
        kept = (self._writing, self._reading)
        return {"idle": sum(each.idle for each in kept if isinstance(each, sqlite.Connections))}

    def close(self) -> None:
        """Give all connections back. The handle may be used again; it then opens new ones."""
        for connections in (self._writing, self._reading):
            connections.close()
        for engine in self._engines:
            engine.dispose()

    def _opened(self, opening: Callable[[], Opened]) -> Opened:
        try:
            return opening()
        except (ImportError, ArgumentError) as error:
            raise self._unavailable(error) from error

    def _begun(self, connections: Connections) -> Transaction:
        try:
            return connections.begin()
        except (DBAPIError, sqlite3.Error) as error:
            raise self._unavailable(error) from error

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        try:
            connection = self.engine.connect()
        except DBAPIError as error:
            raise self._unavailable(error) from error
        with connection:
            yield connection

    @contextmanager
    def _turn_to_write(self) -> Iterator[None]:
        if not self.is_sqlite:
            yield
            return
        if not self._writer.acquire(timeout=sqlite.BUSY_TIMEOUT_SECONDS):
            raise self._unavailable("other writers did not finish in time")
        try:
            yield
        finally:
            self._writer.release()

    def _alembic(self, connection: Connection) -> Config:
        config = Config(attributes={"connection": connection})
        self._locate_migrations(config)
        return config

    def _locate_migrations(self, config: Config) -> None:
        config.set_main_option("script_location", _escaped(MIGRATIONS))
        config.set_main_option("path_separator", "newline")
        config.set_main_option("version_locations", "\n".join(map(_escaped, self._version_locations)))

    def _unavailable(self, reason: object) -> DatabaseUnavailable:
        said = str(getattr(reason, "orig", None) or reason).strip()
        address = self.url.render_as_string(hide_password=True)
        return DatabaseUnavailable(
            translatable("The database %(url)s cannot be used: %(reason)s"), url=address, reason=said
        )

    def _count_statement(self, *_: Any) -> None:
        for counts in self._counters:
            counts.statements += 1

    def _count_commit(self, *_: Any) -> None:
        for counts in self._counters:
            counts.commits += 1


def _understood(url: str | URL) -> URL:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise DatabaseUnavailable(
            translatable("This is not a database address: %(url)s (try sqlite:///planflow.db)"),
            url=PASSWORD.sub(r"\1***", str(url)),
        ) from error
    if parsed.drivername in ("postgres", "postgresql"):
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername not in ("sqlite", "sqlite+pysqlite", "postgresql+psycopg"):
        raise DatabaseUnavailable(
            translatable("Databases of the kind %(kind)s are not supported; use sqlite or postgresql."),
            kind=parsed.drivername,
        )
    return parsed


def _upgrade_sqlite(connection: Connection, config: Config) -> None:
    """Migrate with foreign keys off (SQLite rebuilds tables to change them); check them before the commit."""
    raw: Any = connection.connection.driver_connection
    raw.execute("PRAGMA foreign_keys = OFF")
    try:
        with connection.begin():
            command.upgrade(config, "heads")
            broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
            if broken is not None:
                raise DatabaseUnavailable(
                    translatable("The migration would break a reference of table %(table)s."), table=broken[0]
                )
    finally:
        raw.execute("PRAGMA foreign_keys = ON")


def _escaped(path: Path) -> str:
    return str(path).replace("%", "%%")
