"""The services for a command: settings from the environment, wired and given back at the end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from engine.errors import PlanFlowError
from web.container import Container, build_container
from web.settings import Settings


class NotMigrated(PlanFlowError):
    """The database does not have the tables of this version."""

    code = "not_migrated"


@contextmanager
def wired(settings: Settings | None = None, lasting: bool = False) -> Iterator[Container]:
    """The services, on a database that may still be empty. Only what goes on for long keeps traces: ``lasting``."""
    chosen = settings or Settings.from_environment()
    container = build_container(chosen if lasting else replace(chosen, tracing=False))
    try:
        yield container
    finally:
        container.close()


@contextmanager
def ready(settings: Settings | None = None, lasting: bool = False) -> Iterator[Container]:
    """The services on a migrated database. Raises :class:`NotMigrated` for every other."""
    with wired(settings, lasting) as container:
        require_tables(container)
        yield container


def require_tables(container: Container) -> None:
    """Raise :class:`NotMigrated` for an empty database, and for one of another version."""
    if not container.database.current_revisions():
        raise NotMigrated("The database is empty. Run: planflow db upgrade")
    if not container.database.is_current():
        raise NotMigrated("The database is not of this version. Stop the server and run: planflow db upgrade")
