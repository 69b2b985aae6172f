"""What a database is and how it stands, asked without changing anything: not even a file is made or switched to WAL."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import NullPool, create_engine, func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from engine.errors import PlanFlowError
from engine.messages import translatable as _
from engine.storage.database import Database
from engine.storage.tables import instance

SECONDS = 5
"""For a database to answer whether it is there."""
OLDEST_POSTGRESQL = 140000
"""As PostgreSQL numbers its versions: 14."""


class NoDatabase(PlanFlowError):
    """It does not answer, or there is none."""

    code = "no_database"


class NoFile(NoDatabase):
    """SQLite's file is not there."""


@dataclass(frozen=True)
class Condition:
    """``kind`` and ``version`` as people say them; ``old`` says that the version is not supported any more.

    ``journal`` is SQLite's journal mode, None of any other.
    """

    kind: str
    version: str
    old: bool = False
    journal: str | None = None


def file_of(database: Database) -> Path | None:
    """The file of a SQLite database; None where it is in memory, and of PostgreSQL."""
    name = database.url.database
    return Path(name) if database.is_sqlite and name and name != ":memory:" else None


def condition(database: Database) -> Condition:
    """Ask it. Raises NoDatabase."""
    return _of_sqlite(database) if database.is_sqlite else _of_postgresql(database)


def _of_sqlite(database: Database) -> Condition:
    path = file_of(database)
    if path is not None and not path.exists():
        raise NoFile(_("There is no file %(path)s."), path=str(path))
    try:
        opened = sqlite3.connect(
            ":memory:" if path is None else f"{path.resolve().as_uri()}?mode=ro", uri=True
        )
        with closing(opened) as raw:
            raw.execute("SELECT count(*) FROM sqlite_master").fetchone()
            journal = str(raw.execute("PRAGMA journal_mode").fetchone()[0])
    except sqlite3.Error as error:
        raise NoDatabase(
            _("The file %(path)s cannot be read: %(reason)s"), path=str(path), reason=str(error)
        ) from error
    return Condition("SQLite", sqlite3.sqlite_version, journal=journal)


def _of_postgresql(database: Database) -> Condition:
    url = database.url
    if "connect_timeout" not in url.query:
        url = url.update_query_dict({"connect_timeout": str(SECONDS)})
    engine = create_engine(url, poolclass=NullPool)
    try:
        with engine.connect() as connection:
            number, version = connection.execute(
                text("SELECT current_setting('server_version_num')::int, current_setting('server_version')")
            ).one()
    except DBAPIError as error:
        reason = str(error.orig).strip().partition("\n")[0]
        raise NoDatabase(
            _("It does not answer at %(url)s: %(reason)s"),
            url=url.set(query={}).render_as_string(hide_password=True),
            reason=reason,
        ) from error
    finally:
        engine.dispose()
    return Condition("PostgreSQL", str(version), old=int(number) < OLDEST_POSTGRESQL)


def clock_ahead(session: Session) -> timedelta:
    """By how much the database's clock is ahead of this machine's; SQLite has none of its own."""
    if session.get_bind().dialect.name == "sqlite":
        return timedelta()
    before = datetime.now(UTC)
    theirs: datetime | None = session.scalar(select(func.clock_timestamp()))
    after = datetime.now(UTC)
    if theirs is None or before <= theirs <= after:
        return timedelta()
    return theirs - (before if theirs < before else after)


def newest(session: Session) -> datetime | None:
    """When the newest instance was started: what is written has been now, once."""
    found: datetime | None = session.scalar(select(func.max(instance.c.started_at)))
    return found
