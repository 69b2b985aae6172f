"""A stored moment as a database of its format, on SQLite and on PostgreSQL; the test then upgrades it."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg
from alembic import command

from engine import Database
from tests.conftest import VERSION_LOCATIONS
from tests.upgrades.fixtures import Shared, StoredMoment
from tests.upgrades.rows import put_into_postgresql, put_into_sqlite

Administer = Callable[[str], None]


class SqliteFiles:
    """Files with a moment each, copied from one that has what a set shares."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made = 0

    @contextmanager
    def database(self, shared: Shared, moment: StoredMoment) -> Iterator[Database]:
        """A file as it was stored."""
        self._made += 1
        file = self._folder / f"stored_{self._made}.db"
        shutil.copyfile(self._base(shared), file)
        with closing(sqlite3.connect(file)) as connection, connection:
            for changes in moment.changes:
                put_into_sqlite(connection, shared.tables, changes)
        database = Database(f"sqlite:///{file}", VERSION_LOCATIONS)
        try:
            yield database
        finally:
            database.close()
            file.unlink()

    def _base(self, shared: Shared) -> Path:
        file = self._folder / f"{shared.format.name}.db"
        if not file.exists():
            with closing(sqlite3.connect(file)) as connection, connection:
                for statement in shared.schema:
                    connection.execute(statement)
                put_into_sqlite(connection, shared.tables, shared.rows)
        return file


class PostgresqlDatabases:
    """Databases with a moment each, copied from one that the migrations of that time have made."""

    def __init__(self, server: Any, administer: Administer) -> None:
        self._server, self._administer = server, administer
        self._bases: dict[str, str] = {}
        self._made = 0

    @contextmanager
    def database(self, shared: Shared, moment: StoredMoment) -> Iterator[Database]:
        """A database as it was stored."""
        self._made += 1
        name = f"stored_{self._made}"
        self._administer(f"CREATE DATABASE {name} TEMPLATE {self._base(shared)} STRATEGY FILE_COPY")
        with psycopg.connect(self._server.get_uri(name)) as connection:
            for changes in moment.changes:
                put_into_postgresql(connection, shared.tables, changes)
        database = Database(self._server.get_uri(name), VERSION_LOCATIONS)
        try:
            yield database
        finally:
            database.close()
            self._administer(f"DROP DATABASE {name} WITH (FORCE)")

    def _base(self, shared: Shared) -> str:
        if shared.format.name not in self._bases:
            name = f"stored_base_{len(self._bases)}"
            self._administer(f"CREATE DATABASE {name}")
            migrate(Database(self._server.get_uri(name), VERSION_LOCATIONS), shared.format.revisions)
            with psycopg.connect(self._server.get_uri(name)) as connection:
                put_into_postgresql(connection, shared.tables, shared.rows)
            self._bases[shared.format.name] = name
        return self._bases[shared.format.name]


def migrate(database: Database, revisions: tuple[str, ...]) -> None:
    """Bring an empty PostgreSQL database to these revisions, as the version of that time did."""
    with database.engine.begin() as connection:
        for revision in revisions:
            command.upgrade(database._alembic(connection), revision)
    database.close()
