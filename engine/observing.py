"""Observers: other rooms are told what a command has done, and may write in its transaction.

An `Observer` is given to the engine. Before a command is committed it is told the events that the command wrote to
history, of the kinds it wants, and what operations have announced. What it writes then, rows or jobs, stands or falls
with the command: a transactional outbox needs nothing else. An engine without observers notes nothing.

Kinds are those of `engine.history`, and three more: ``task.cancelled`` (history says ``element.cancelled``),
``task.overdue`` (see `engine.jobs.overdue`), and whatever is announced, such as ``plan.in_force``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.storage.tables import instance, process_definition, work_item, work_item_candidate

if TYPE_CHECKING:
    from engine.context import CommandContext
    from engine.history import Event

CANCELLED, OVERDUE = "task.cancelled", "task.overdue"


@dataclass(frozen=True)
class Happening:
    """Something that a command did. ``time`` is UTC.

    ``payload`` is that of the history event, or what was announced. ``seq`` is the event's number in its instance's
    history; what was announced has none. ``instance_id`` and ``process_key`` are empty where no instance is concerned.
    """

    kind: str
    time: datetime
    actor: str
    payload: Mapping[str, Any]
    instance_id: str = ""
    process_key: str = ""
    starter: str = ""
    seq: int | None = None
    definition_id: int | None = None
    element: str | None = None
    element_name: str | None = None
    task_id: str | None = None


class Observer(Protocol):
    """What an engine tells of its commands."""

    def wants(self, ctx: CommandContext) -> Collection[str]:
        """The kinds to tell of. Asked for each command that did something, so it has to cost next to nothing."""

    def observe(self, ctx: CommandContext, happened: Sequence[Happening]) -> None:
        """Write what is to be written. Whatever it raises undoes the command."""


@dataclass(frozen=True)
class Stored:
    """The events of an instance that were written together, after number ``before``.

    ``opened`` are the ids of the work items they opened, ``withdrawn`` those that nobody has to do any more, by token.
    """

    instance_id: str
    process_key: str
    starter: str
    before: int
    events: Sequence[Event]
    opened: Mapping[int, str]
    withdrawn: Sequence[int]

    def told(self, session: Session, wanted: Collection[str]) -> Iterator[Happening]:
        """What there is to tell of these kinds, in order."""
        cancelled = self._cancelled(session) if CANCELLED in wanted and self.withdrawn else {}
        for number, event in enumerate(self.events, self.before + 1):
            token = event.payload.get("token")
            kind, task = event.kind, event.payload.get("task")
            if kind == "task.created":
                task = self.opened.get(token)  # type: ignore[arg-type]  # such an event has a token
                if task is None:  # withdrawn again by the very command that opened it: nobody ever saw it
                    continue
            elif kind == "element.cancelled" and token in cancelled:
                kind, task = CANCELLED, cancelled[token]
            if kind in wanted:
                yield Happening(
                    kind,
                    event.time,
                    event.actor,
                    event.payload,
                    self.instance_id,
                    self.process_key,
                    self.starter,
                    number,
                    event.definition_id,
                    event.element,
                    event.element_name,
                    task,
                )

    def _cancelled(self, session: Session) -> dict[Any, str]:
        query = select(work_item.c.token, work_item.c.id).where(
            work_item.c.instance_id == self.instance_id,
            work_item.c.token.in_(self.withdrawn),
            work_item.c.status == "cancelled",
        )
        return {row.token: row.id for row in session.execute(query)}


Noted = Stored | Happening


def tell(observers: Sequence[Observer], ctx: CommandContext, noted: Sequence[Noted]) -> None:
    """Tell each observer what it wants to know of what was noted in this transaction."""
    for observer in observers:
        wanted = observer.wants(ctx)
        happened = list(_told(ctx.session, noted, wanted)) if wanted else []
        if happened:
            observer.observe(ctx, happened)


def _told(session: Session, noted: Sequence[Noted], wanted: Collection[str]) -> Iterator[Happening]:
    for each in noted:
        if isinstance(each, Stored):
            yield from each.told(session, wanted)
        elif each.kind in wanted:
            yield each


@dataclass(frozen=True)
class InstanceFacts:
    """What an observer may want to say of an instance. Times are UTC."""

    id: str
    title: str
    business_key: str | None
    process_key: str
    process_name: str
    process_version: int
    starter: str
    status: str
    started_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True)
class TaskFacts:
    """What an observer may want to say of a work item. Times are UTC; ``users`` and ``groups`` are its candidates."""

    id: str
    instance_id: str
    element: str
    name: str
    status: str
    assignee: str | None
    users: tuple[str, ...]
    groups: tuple[str, ...]
    due_at: datetime | None
    priority: int
    created_at: datetime
    completed_at: datetime | None
    completed_by: str | None
    outcome: str | None


def instance_facts(session: Session, ids: Collection[str]) -> dict[str, InstanceFacts]:
    """The facts of these instances, as they are in this transaction, by id."""
    model = process_definition.c
    query = (
        select(
            *(instance.c[name] for name in ("id", "title", "business_key", "process_key")),
            model.name,
            model.version,
            *(instance.c[name] for name in ("starter", "status", "started_at", "ended_at")),
        )
        .join(process_definition, model.id == instance.c.definition_id)
        .where(instance.c.id.in_(sorted(ids)))
    )
    return {row[0]: InstanceFacts(*list(row)) for row in session.execute(query)}


_TASK = (
    *("id", "instance_id", "element", "name", "status", "assignee"),
    *("due_at", "priority", "created_at", "completed_at", "completed_by", "outcome"),
)


def task_facts(session: Session, ids: Collection[str]) -> dict[str, TaskFacts]:
    """The facts of these work items, as they are in this transaction, by id."""
    wanted = sorted(ids)
    offered = select(work_item_candidate).where(work_item_candidate.c.work_item_id.in_(wanted))
    named: dict[tuple[str, str], list[str]] = {}
    for row in session.execute(offered.order_by(work_item_candidate.c.name)):
        named.setdefault((row.work_item_id, row.kind), []).append(row.name)
    query = select(*(work_item.c[name] for name in _TASK)).where(work_item.c.id.in_(wanted))
    return {
        row.id: TaskFacts(
            users=tuple(named.get((row.id, "user"), ())),
            groups=tuple(named.get((row.id, "group"), ())),
            **row._mapping,
        )
        for row in session.execute(query)
    }
