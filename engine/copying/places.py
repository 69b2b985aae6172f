"""What may be copied, and where to: from a database of this version into one of this version without any row."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Table, inspect, select
from sqlalchemy.orm import Session

from engine.errors import PlanFlowError
from engine.storage.database import Database
from engine.storage.metadata import metadata

OWN = frozenset({"alembic_version"})
"""Tables that every database keeps for itself."""


class NotCopied(PlanFlowError):
    """These two databases are not for copying. Nothing was changed in either."""

    status = 409
    code = "not_copied"


def check_source(source: Database) -> None:
    """Raise NotCopied for a database that is not there, is empty, or is of another version."""
    if source.is_sqlite and not _is_file(source):  # SQLite would make it
        raise NotCopied("There is no database at %(url)s.", url=_address(source))
    if not source.current_revisions():
        raise NotCopied("There is nothing to copy: %(url)s has no tables of PlanFlow.", url=_address(source))
    _check_version(source)


def prepare_target(source: Database, target: Database) -> None:
    """Migrate the target if it is empty. Raise NotCopied for one that is the source, has data, or is not for us."""
    if _place(source) == _place(target):
        raise NotCopied("Both addresses are the same database: %(url)s", url=_address(target))
    if not target.current_revisions():
        if found := _tables(target):
            raise NotCopied(
                "%(url)s is used by something else: it has a table %(table)s.",
                url=_address(target),
                table=sorted(found)[0],
            )
        target.upgrade()
    _check_version(target)
    with target.read() as session:
        check_empty(session)


def check_empty(session: Session) -> None:
    """Raise NotCopied when any table has a row."""
    for table in metadata.sorted_tables:
        if session.execute(select(*table.primary_key.columns).limit(1)).first() is not None:
            raise NotCopied("The database to copy to has data already, in table %(table)s.", table=table.name)


def tables() -> list[Table]:
    """Every table of every room, those that others refer to first."""
    return metadata.sorted_tables


def _check_version(database: Database) -> None:
    if not database.is_current():
        raise NotCopied(
            "%(url)s is not of this version of PlanFlow. Upgrade it first: planflow db upgrade",
            url=_address(database),
        )
    if missing := {table.name for table in tables()} ^ _tables(database):
        raise NotCopied(
            "%(url)s has other tables than this version of PlanFlow: %(table)s",
            url=_address(database),
            table=", ".join(sorted(missing)),
        )


def _tables(database: Database) -> set[str]:
    # What SQLite keeps for itself is left out by SQLAlchemy. Parts of a partitioned table are no tables of their own.
    with database.engine.connect() as connection:
        found = set(inspect(connection).get_table_names())
        if not database.is_sqlite:
            found -= set(connection.exec_driver_sql(_PARTS).scalars())
    return found - OWN


_PARTS = "SELECT relname FROM pg_class WHERE relispartition AND relkind = 'r'"


def _is_file(database: Database) -> bool:
    name = database.url.database or ""
    return name not in ("", ":memory:") and Path(name).is_file()


def _place(database: Database) -> tuple[object, ...]:
    if database.is_sqlite:
        return (Path(database.url.database or "").resolve(),)
    return (database.url.host, database.url.port or 5432, database.url.database, str(database.url.query))


def _address(database: Database) -> str:
    return database.url.render_as_string(hide_password=True)
