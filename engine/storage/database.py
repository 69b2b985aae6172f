"""The database handle: how SQLite and PostgreSQL are opened, read, written and migrated."""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import (
    URL,
    Connection,
    Engine,
    RootTransaction,
    StaticPool,
    create_engine,
    event,
    make_url,
    text,
)
from sqlalchemy.exc import ArgumentError, DBAPIError, DontWrapMixin
from sqlalchemy.orm import Session

from engine.errors import Invalid, PlanFlowError
from engine.messages import translatable
from engine.storage import prepared

MIGRATIONS = Path(__file__).parent / "migrations"
BUSY_TIMEOUT_SECONDS = 15.0
_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode
_MIGRATION_LOCK = 0x504C414E  # any number that only migrations of this product use


class DatabaseUnavailable(PlanFlowError):
    """The database cannot be opened or did not answer in time. The message names it, without its password."""

    status = 503
    code = "database_unavailable"


class Unstorable(Invalid, DontWrapMixin):
    """A value that one of the databases does not keep as JSON: NaN, infinity, NUL, half a surrogate pair."""

    code = "unstorable"


def to_json(value: Any) -> str:
    """JSON text of a value for a column; raises `Unstorable` for what one of the databases would not take."""
    try:
        written = _encode(value)
        if not written.isascii():
            written.encode()
    except (ValueError, TypeError, RecursionError) as error:
        raise Unstorable(
            translatable("This value cannot be stored: %(reason)s"), reason=str(error)
        ) from error
    if "\\u0000" in written and _has_nul(value):
        raise Unstorable(
            translatable("This value cannot be stored: %(reason)s"), reason="NUL character in a text"
        )
    return written


def _has_nul(value: Any) -> bool:
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, dict):
        return any(_has_nul(key) or _has_nul(item) for key, item in value.items())
    return isinstance(value, list | tuple) and any(_has_nul(item) for item in value)


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
            self.engine, self._reading = self._open_sqlite()
            self._writing: Engine = self.engine.execution_options(planflow_begin="BEGIN IMMEDIATE")
        else:
            self.engine = self._open(pool_pre_ping=True)
            self._writing = self.engine
            self._reading = self.engine.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )

    @contextmanager
    def write(self) -> Iterator[Session]:
        """One transaction that may write: committed at the end, rolled back whole if an error leaves it.

        On SQLite it takes the write lock at once, so that nothing read in it can be outdated when it writes.
        """
        with self._turn_to_write(), self._transaction(self._writing) as (session, transaction):
            yield session
            transaction.commit()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """One transaction that sees a single moment of the database and cannot write."""
        with self._transaction(self._reading) as (session, _transaction):
            yield session

    def upgrade(self) -> None:
        """Bring the schema to the newest revision of every version location; a current one stays as it is."""
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

    @contextmanager
    def counting(self) -> Iterator[Counts]:
        """Count SQL statements and commits while the block runs (an executemany is one; BEGIN is none)."""
        counts = Counts()
        self._counters.append(counts)
        try:
            yield counts
        finally:
            self._counters = [other for other in self._counters if other is not counts]

    def close(self) -> None:
        """Give all connections back. The handle may be used again; it then opens new ones."""
        self.engine.dispose()
        if self.is_sqlite:
            self._reading.dispose()

    def _open_sqlite(self) -> tuple[Engine, Engine]:
        if self.url.database in (None, "", ":memory:"):
            # One connection is the whole database: it serves everybody, for one thread at a time.
            engine = self._open(poolclass=StaticPool, connect_args={"check_same_thread": False})
            return engine, engine
        reading = self._open()
        event.listen(reading, "connect", lambda raw, _: raw.execute("PRAGMA query_only = ON"))
        return self._open(), reading

    def _open(self, **options: Any) -> Engine:
        try:
            engine = create_engine(self.url, json_serializer=to_json, **options)
        except (ImportError, ArgumentError) as error:
            raise self._unavailable(error) from error
        if self.is_sqlite:
            event.listen(engine, "connect", _prepare_sqlite)
            event.listen(engine, "begin", _begin_sqlite)
        event.listen(engine, "before_cursor_execute", self._count_statement)
        event.listen(engine, "commit", self._count_commit)
        return engine

    @contextmanager
    def _transaction(self, engine: Engine) -> Iterator[tuple[Session, RootTransaction]]:
        """A transaction, rolled back at the end if it is still open, and a session that works in it.

        The session joins the transaction when it is first used, which a command of prepared statements never does.
        """
        with (
            self._begun(engine) as (connection, transaction),
            Session(connection, autoflush=False) as session,
        ):
            prepared.attach(session, connection, self._count_statement)
            yield session, transaction

    @contextmanager
    def _begun(self, engine: Engine) -> Iterator[tuple[Connection, RootTransaction]]:
        try:
            connection = engine.connect()
        except DBAPIError as error:
            raise self._unavailable(error) from error
        with connection:
            try:
                transaction = connection.begin()
            except (DBAPIError, sqlite3.Error) as error:
                raise self._unavailable(error) from error
            with closing(transaction):
                yield connection, transaction

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        try:
            connection = self._writing.connect()
        except DBAPIError as error:
            raise self._unavailable(error) from error
        with connection:
            yield connection

    @contextmanager
    def _turn_to_write(self) -> Iterator[None]:
        if not self.is_sqlite:
            yield
            return
        if not self._writer.acquire(timeout=BUSY_TIMEOUT_SECONDS):
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

    def _count_commit(self, _: Connection) -> None:
        for counts in self._counters:
            counts.commits += 1


def _understood(url: str | URL) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise DatabaseUnavailable(
            translatable("This is not a database address: %(url)s (try sqlite:///planflow.db)"), url=str(url)
        ) from error
    if parsed.drivername in ("postgres", "postgresql"):
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername not in ("sqlite", "sqlite+pysqlite", "postgresql+psycopg"):
        raise DatabaseUnavailable(
            translatable("Databases of the kind %(kind)s are not supported; use sqlite or postgresql."),
            kind=parsed.drivername,
        )
    return parsed


def _prepare_sqlite(raw: Any, _: object) -> None:
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


def _begin_sqlite(connection: Connection) -> None:
    raw: Any = connection.connection.driver_connection
    raw.execute(connection.get_execution_options().get("planflow_begin", "BEGIN"))


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
