"""The history of a PostgreSQL database in parts of one month each (UTC), so that what is old lies still.

An event goes where its time says. Where its month has no part yet, because a clock was wrong or nobody worked for
months, it goes to the part for the rest, and is moved when its month is made (docs/decisions/0015).
SQLite has one table.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from engine.storage.tables import history, instance, process_definition

REST = f"{history.name}_rest"
"""The part for what has no month of its own."""
AHEAD = 3
"""Months that are made before they begin."""
_PATIENCE = "5s"
"""Making a month waits for running transactions, and others wait behind it: not longer than this."""


@dataclass(frozen=True, order=True)
class Month:
    """A month of the calendar in UTC."""

    year: int
    month: int

    @classmethod
    def of(cls, moment: datetime) -> Month:
        """The month of a moment, which knows its time zone."""
        there = moment.astimezone(UTC)
        return cls(there.year, there.month)

    def later(self, months: int) -> Month:
        """So many months later."""
        years, month = divmod(self.month - 1 + months, 12)
        return Month(self.year + years, month + 1)

    @property
    def begins(self) -> datetime:
        """Its first moment."""
        return datetime(self.year, self.month, 1, tzinfo=UTC)

    @property
    def table(self) -> str:
        """The name of its part."""
        return f"{history.name}_{self.year:04}_{self.month:02}"


def is_part(table: str) -> bool:
    """Whether a table has the name of a part, and so is none of its own."""
    return _PART.fullmatch(table) is not None


def is_partitioned(session: Session) -> bool:
    """Whether the history of this database has parts."""
    return session.get_bind().dialect.name == "postgresql"


def from_now_on(now: datetime) -> list[Month]:
    """The months that should be there: this one, and those that come next."""
    return [Month.of(now).later(ahead) for ahead in range(AHEAD + 1)]


def missing(session: Session, months: Iterable[Month]) -> list[Month]:
    """Which of these months have no part yet, and those besides of which something lies among the rest."""
    there = set(session.scalars(_PARTS))
    wanted = {*months, *_months(session, REST, _IN_UTC)}
    return sorted(month for month in wanted if month.table not in there)


def make(session: Session, months: Iterable[Month]) -> None:
    """Make the parts of months that are missing, and move there what lay among the rest.

    Raises sqlalchemy's OperationalError when the tables are not free in time; nothing is changed then.
    """
    months = list(months)
    if not months:
        return
    session.execute(text(f"SET LOCAL lock_timeout = '{_PATIENCE}'"))
    # What a new part refers to first, as commands do, so that neither waits for the other for ever.
    referred = f"{instance.name}, {process_definition.name}"
    session.execute(text(f"LOCK TABLE {referred} IN SHARE ROW EXCLUSIVE MODE"))
    for month in months:
        for statement in _making(month):
            session.execute(text(statement))


def months_of(session: Session) -> list[Month]:
    """The months that events of this database tell of, whatever kind of database it is."""
    return _months(session, history.name, _IN_UTC if is_partitioned(session) else _OF_TEXT)


_PART = re.compile(rf"{history.name}_(\d{{4}}_\d{{2}}|rest)")
_IN_UTC = "date_trunc('month', time AT TIME ZONE 'UTC')"
_OF_TEXT = "substr(time, 1, 7) || '-01'"  # as SQLite keeps it
_PARTS = text(
    "SELECT part.relname FROM pg_inherits JOIN pg_class part ON part.oid = inhrelid"
    " WHERE inhparent = 'history'::regclass"
)


def _months(session: Session, table: str, month: str) -> list[Month]:
    found = session.scalars(text(f"SELECT DISTINCT {month} FROM {table}"))  # noqa: S608  constants
    return sorted(Month.of(_moment(each)) for each in found)


def _making(month: Month) -> Iterator[str]:
    """A part beside the table, filled, and then joined: that keeps nobody from reading or writing the others."""
    name = month.table
    begins, ends = f"'{month.begins.isoformat()}'", f"'{month.later(1).begins.isoformat()}'"
    yield f"CREATE TABLE {name} (LIKE {history.name} INCLUDING ALL)"
    yield (
        f"WITH moved AS (DELETE FROM {REST} WHERE time >= {begins} AND time < {ends} RETURNING *)"  # noqa: S608  from numbers
        f" INSERT INTO {name} SELECT * FROM moved"
    )
    yield f"ALTER TABLE {history.name} ATTACH PARTITION {name} FOR VALUES FROM ({begins}) TO ({ends})"


def _moment(found: datetime | str) -> datetime:
    moment = datetime.fromisoformat(found) if isinstance(found, str) else found
    return moment.replace(tzinfo=UTC)
