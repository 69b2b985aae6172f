"""One copy: all rows in one transaction of the target, from one moment of the source, compared before the commit."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import zip_longest

from sqlalchemy import Table, func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from engine import history
from engine.copying import counters, references, rows
from engine.copying.places import check_empty, check_source, prepare_target, tables
from engine.errors import PlanFlowError
from engine.storage import partitions
from engine.storage.database import Database
from engine.storage.tables import instance

Advance = Callable[[str, int, int], None]
"""Told of each step: what is being done, how many rows were dealt with, and how many rows there are to deal with.
Each row is dealt with twice, copied and compared."""


class Differs(PlanFlowError):
    """What arrived is not what was sent, or cannot be kept there. The target is empty as before."""

    status = 500
    code = "copy_differs"


@dataclass(frozen=True)
class TableCopied:
    """A table: its rows, and the SHA-256 of all of them in order, the same in both databases."""

    name: str
    rows: int
    sha256: str


@dataclass(frozen=True)
class Copied:
    """What was copied and compared, and how many chains of history hold in the target."""

    tables: tuple[TableCopied, ...]
    chains: int


def copy(source: Database, target: Database, advance: Advance = lambda *_: None) -> Copied:
    """Copy everything. Raises NotCopied before anything is changed, Differs when it does not arrive whole.

    The source is only read. The target has everything afterwards, or after any error nothing.
    """
    check_source(source)
    prepare_target(source, target)
    with source.read() as sent, target.write() as kept:
        references.suspend(kept)
        check_empty(kept)
        if partitions.is_partitioned(kept):
            partitions.make(kept, partitions.missing(kept, partitions.months_of(sent)))
        progress = _Progress(advance, 2 * sum(_count(sent, table) for table in tables()))
        for table in tables():
            _send(sent, kept, table, progress)
        counters.restore(kept, counters.read(sent))
        references.check(kept)
        compared = tuple(_compare(sent, kept, table, progress) for table in tables())
        return Copied(compared, _check_chains(kept))


@dataclass
class _Progress:
    advance: Advance
    total: int
    done: int = 0

    def add(self, what: str, count: int) -> None:
        self.done += count
        self.advance(what, self.done, self.total)


def _count(session: Session, table: Table) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


def _send(sent: Session, kept: Session, table: Table, progress: _Progress) -> None:
    try:
        for batch in _batches(rows.read(sent, table)):
            rows.write(kept, table, batch)
            progress.add(f"Copying {table.name}", len(batch))
    except DBAPIError as error:
        raise Differs(
            "A row of table %(table)s cannot be kept there: %(reason)s", table=table.name, reason=error.orig
        ) from error


def _batches(values: Iterator[rows.Values]) -> Iterator[list[rows.Values]]:
    batch: list[rows.Values] = []
    for each in values:
        batch.append(each)
        if len(batch) == rows.BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _compare(sent: Session, kept: Session, table: Table, progress: _Progress) -> TableCopied:
    digest, count = hashlib.sha256(), 0
    for ours, theirs in zip_longest(rows.read(sent, table), rows.read(kept, table)):
        said = b"" if ours is None else rows.canonical(table, ours)
        if theirs is None or said != rows.canonical(table, theirs):
            key = rows.key_of(table, ours or theirs)
            raise Differs("Table %(table)s differs at %(key)s.", table=table.name, key=key)
        digest.update(hashlib.sha256(said).digest())
        count += 1
        if count % rows.BATCH == 0:
            progress.add(f"Comparing {table.name}", rows.BATCH)
    progress.add(f"Comparing {table.name}", count % rows.BATCH)
    return TableCopied(table.name, count, digest.hexdigest())


def _check_chains(kept: Session) -> int:
    for broken in history.verify(kept):
        raise Differs(
            "The history of instance %(instance)s does not hold at event %(seq)s: %(reason)s"
            " Ask the source: planflow history verify",
            instance=broken.instance_id,
            seq=broken.seq,
            reason=broken.reason,
        )
    return _count(kept, instance)
