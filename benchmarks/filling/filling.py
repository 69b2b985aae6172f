"""Fills an installation: so many instances with so many events, spread over years, those that wait among the last."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select

from benchmarks.filling.company import cast, people
from benchmarks.filling.lives import MODEL, PROCESS, TABLES, lives
from benchmarks.filling.stencil import Copy, Stencil
from benchmarks.filling.writing import writing
from engine import SYSTEM, Database, Engine, Invalid
from engine.storage.tables import instance, process_definition
from plans.scenarios.stage import arrange_people

YEARS = 4
BATCH = 200
"""Instances in one transaction."""
RECENT = 0.04
"""The part that was started last, half of which still wait; of those before one in a thousand does."""
MOSTLY = 0.9
"""The part of those that are over which has come to its end; of the others some were ended by who had started them."""
MARK = "filled-"
"""Business keys of what was made here begin so; by their number it is known where to go on."""

Advance = Callable[[int, int], None]
"""Is told how many instances and events there are now."""


@dataclass(frozen=True)
class Filled:
    """How much is there."""

    instances: int
    events: int


def prepare(database: Database, engine: Engine) -> None:
    """Migrate, let the company exist, and deploy its process."""
    database.upgrade()
    with database.write() as session:
        arrange_people(session, people(), {}, datetime.now(UTC))
    engine.deploy({"requests.bpmn": MODEL.read_bytes()}, SYSTEM, "requests")


def fill(
    database: Database, instances: int, events: int, seed: int, advance: Advance = lambda _i, _e: None
) -> Filled:
    """Bring a prepared database to so many instances, with about so many events. Goes on where it was stopped.

    Raises Invalid when there cannot be so few or so many events.
    """
    stencils = [Stencil(life, _definition(database)) for life in lives(seed)]
    _check(stencils, instances, events)
    there = filled(database)
    columns = {table: columns for s in stencils for table, columns in s.columns().items() if columns}
    with writing(database) as writer:
        making = _copies(stencils, there, Filled(instances, events), seed)
        for batch in _batches(making):
            rows = {table: [row for copy in batch for row in copy.rows[table]] for table in TABLES}
            writer.write(columns, {table: found for table, found in rows.items() if found})
            there = Filled(there.instances + len(batch), there.events + sum(copy.events for copy in batch))
            advance(there.instances, there.events)
    return there


def filled(database: Database) -> Filled:
    """What was filled in so far."""
    query = select(func.count(), func.coalesce(func.sum(instance.c.history_seq), 0))
    with database.read() as session:
        made = session.execute(query.where(instance.c.business_key.startswith(MARK))).one()
    return Filled(int(made[0]), int(made[1]))


def _definition(database: Database) -> int:
    newest = select(func.max(process_definition.c.id)).where(process_definition.c.key == PROCESS)
    with database.read() as session:
        found: int | None = session.scalar(newest)
    if found is None:
        raise Invalid("The database is not prepared: it has no process %(process)s.", process=PROCESS)
    return found


def _check(stencils: Sequence[Stencil], instances: int, events: int) -> None:
    sizes = [stencil.life.events for stencil in stencils if stencil.life.over]
    if not min(sizes) <= events / max(instances, 1) <= max(sizes):
        raise Invalid(
            "An instance has %(least)d to %(most)d events: ask for as many events.",
            least=min(sizes),
            most=max(sizes),
        )


def _copies(stencils: Sequence[Stencil], there: Filled, wanted: Filled, seed: int) -> Iterator[Copy]:
    now, done = datetime.now(UTC), there.events
    for number in range(there.instances, wanted.instances):
        rolls = random.Random(f"{seed} {number}")  # noqa: S311  nothing secret
        needed = (wanted.events - done) / (wanted.instances - number)
        began = _began(number / wanted.instances, now, rolls)
        stencil = _chosen(stencils, began, now, needed, number / wanted.instances, rolls)
        began = min(began, now - stencil.life.lasts - timedelta(minutes=1))
        ids = [str(uuid.UUID(int=rolls.getrandbits(128), version=4)) for _ in range(stencil.ids)]
        copy = stencil.copy(ids, cast(rolls.randrange(10**6)), f"{MARK}{number:07d}", began)
        done += copy.events
        yield copy


def _began(place: float, now: datetime, rolls: random.Random) -> datetime:
    span = timedelta(days=365 * YEARS)
    return now - span * (1 - place) - timedelta(hours=rolls.uniform(1, 200))


def _chosen(
    stencils: Sequence[Stencil],
    began: datetime,
    now: datetime,
    needed: float,
    place: float,
    rolls: random.Random,
) -> Stencil:
    """A life that may have been by now, with about as many events as are needed on the average."""
    waits = rolls.random() < (0.5 if place > 1 - RECENT else 0.001)
    if waits:
        return rolls.choice([s for s in stencils if not s.life.over and _still_waits(s, began, now)])
    ends = ("completed",) if rolls.random() < MOSTLY else ("completed", "terminated")
    return _near([s for s in stencils if s.life.end in ends], needed, rolls)


def _near(stencils: Sequence[Stencil], needed: float, rolls: random.Random) -> Stencil:
    """One that is shorter or longer, so often that it is as many events on the average; long ones are rare."""
    short = [s for s in stencils if s.life.events <= needed]
    long = sorted((s for s in stencils if s.life.events > needed), key=lambda s: s.life.events)
    if not short or not long:
        return rolls.choice(short or long[:1])
    weights = [0.4**place for place in range(len(long))]
    above = sum(w * s.life.events for w, s in zip(weights, long, strict=True)) / sum(weights)
    below = sum(s.life.events for s in short) / len(short)
    if rolls.random() < (needed - below) / (above - below):
        return rolls.choices(long, weights)[0]
    return rolls.choice(short)


def _still_waits(stencil: Stencil, began: datetime, now: datetime) -> bool:
    """Whether it has come so far, and what it is to do by itself lies a day ahead at least."""
    life = stencil.life
    begun = min(began, now - life.lasts)
    return life.waits_until is None or begun + life.waits_until > now + timedelta(days=1)


def _batches(copies: Iterator[Copy]) -> Iterator[list[Copy]]:
    batch: list[Copy] = []
    for copy in copies:
        batch.append(copy)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
