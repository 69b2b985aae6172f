"""Stores what happened in a running instance: history events, work items, jobs, subscriptions, incidents."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Delete, Table, bindparam, delete, insert, tuple_, update

from engine import history, observing, telling
from engine.context import CommandContext
from engine.correlation import with_origin
from engine.execution import records as happened
from engine.history import Event, Head
from engine.jobs.rows import CALL, INSTANCE_TIMER
from engine.messaging import mailbox
from engine.messaging.keys import key_hash
from engine.storage.prepared import Prepared
from engine.storage.tables import incident, job, subscription, work_item, work_item_candidate
from engine.visibility import offered_to

__all__ = ["Event", "Stored", "event", "started", "store"]

# Built once, so that SQLAlchemy finds what it compiled without looking through the statement again.
_WITHDRAW = (
    update(work_item)
    .where(
        work_item.c.instance_id == bindparam("instance"),
        work_item.c.token.in_(bindparam("tokens", expanding=True)),
        work_item.c.status.in_(("open", "claimed")),
    )
    .values(status="cancelled", completed_at=bindparam("now"), draft=None, revision=work_item.c.revision + 1)
)
_OPEN = Prepared(
    insert(work_item),
    columns=(
        *("id", "instance_id", "token", "element", "name", "form", "outcomes", "facts"),
        *("status", "assignee", "offered", "due_at", "priority", "created_at", "revision"),
    ),
)
_OFFER = Prepared(insert(work_item_candidate), columns=("work_item_id", "kind", "name"))


@dataclass(frozen=True)
class Stored:
    """The new end of the history, and the ids of the work items that were opened."""

    head: Head
    opened: tuple[str, ...]


Place = tuple[int, int]
"""A token, and the number of its event definition that waits."""


@dataclass
class _Rows:
    """What is to be written, collected so that each table is written once."""

    events: list[Event] = field(default_factory=list)
    work: dict[int, dict[str, Any]] = field(default_factory=dict)
    candidates: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    withdrawn: list[int] = field(default_factory=list)
    jobs: dict[Place, dict[str, Any]] = field(default_factory=dict)
    cleared: list[Place] = field(default_factory=list)
    subscriptions: dict[Place, dict[str, Any]] = field(default_factory=dict)
    closed: list[Place] = field(default_factory=list)
    thrown: list[happened.MessageThrown | happened.SignalThrown] = field(default_factory=list)
    incidents: list[dict[str, Any]] = field(default_factory=list)
    settled: list[int] = field(default_factory=list)


def event(
    ctx: CommandContext,
    kind: str,
    definition_id: int,
    element: Any = None,
    **payload: Any,
) -> Event:
    """A history event of this command."""
    return Event(
        time=ctx.now,
        actor=ctx.actor.user,
        kind=kind,
        definition_id=definition_id,
        element=None if element is None else element.id,
        element_name=None if element is None else element.name,
        payload=payload,
    )


def started(
    ctx: CommandContext,
    definition_id: int,
    title: str,
    business_key: str | None,
    version: int,
    by: Mapping[str, Any],
) -> Event:
    """The first event of every instance. ``by`` names the message, signal or timer that has started it, if one has."""
    payload = {"title": title, "business_key": business_key, "version": version, **by}
    return event(ctx, "instance.started", definition_id, **payload)


def store(
    ctx: CommandContext,
    head: Head,
    records: Sequence[happened.Record],
    definition_id: int,
    before: Sequence[Event],
) -> Stored:
    """Write everything that happened, one statement for each table that is touched."""
    rows = _Rows(events=list(before))
    actor, now = ctx.actor.user, ctx.now
    for kind, own, element, payload in telling.told(records, definition_id):
        id, name = (None, None) if element is None else (element.id, element.name)
        rows.events.append(Event(now, actor, kind, own, id, name, payload))
    for record in records:
        if (collect := _COLLECTORS.get(type(record))) is not None:
            collect(ctx, rows, record)
    done = {event.payload["token"] for event in before if event.kind == "task.completed"}
    rows.withdrawn = [token for token in rows.withdrawn if token not in done]  # its row says so already
    new_head = history.append(ctx.session, ctx.instance_id, head, rows.events)
    _write_work(ctx, rows)
    _write_jobs(ctx, rows)
    _write_subscriptions(ctx, rows)
    _write_incidents(ctx, rows)
    if rows.thrown:
        mailbox.post(ctx, rows.thrown)
    opened = {token: row["id"] for token, row in rows.work.items()}
    if ctx.services.observers:
        ctx.note(
            observing.Stored(
                ctx.instance_id, ctx.process_key, ctx.starter, head.seq, rows.events, opened, rows.withdrawn
            )
        )
    return Stored(new_head, tuple(opened.values()))


def _collect_withdrawn(rows: _Rows, token: int) -> None:
    _drop(rows.work, token, rows.withdrawn)
    rows.candidates.pop(token, None)


def _collect_settled(rows: _Rows, token: int) -> None:
    rows.incidents = [row for row in rows.incidents if row["token"] != token]
    rows.settled.append(token)


def _collect_timer(ctx: CommandContext, rows: _Rows, record: happened.TimerSet) -> None:
    rows.jobs[record.token, record.event] = _timer_row(ctx, record)


def _collect_call(ctx: CommandContext, rows: _Rows, record: happened.OperationRequested) -> None:
    rows.jobs[record.token, 0] = _call_row(ctx, record)


def _collect_subscription(rows: _Rows, record: happened.SubscriptionOpened) -> None:
    rows.subscriptions[record.token, record.event] = _subscription_row(record)


_COLLECTORS: Mapping[type, Callable[[CommandContext, _Rows, Any], Any]] = {
    happened.WorkOpened: lambda ctx, rows, record: _open_work(ctx, rows, record),
    happened.WorkWithdrawn: lambda _, rows, record: _collect_withdrawn(rows, record.token),
    happened.IncidentRaised: lambda ctx, rows, record: rows.incidents.append(_incident_row(ctx, record)),
    happened.IncidentWithdrawn: lambda _, rows, record: _collect_settled(rows, record.token),
    happened.MessageThrown: lambda _, rows, record: rows.thrown.append(record),
    happened.SignalThrown: lambda _, rows, record: rows.thrown.append(record),
    happened.TimerSet: lambda ctx, rows, record: _collect_timer(ctx, rows, record),
    happened.TimerCleared: lambda _, rows, record: _drop(
        rows.jobs, (record.token, record.event), rows.cleared
    ),
    happened.OperationRequested: lambda ctx, rows, record: _collect_call(ctx, rows, record),
    happened.OperationWithdrawn: lambda _, rows, record: _drop(rows.jobs, (record.token, 0), rows.cleared),
    happened.SubscriptionOpened: lambda _, rows, record: _collect_subscription(rows, record),
    happened.SubscriptionClosed: lambda _, rows, record: _drop(
        rows.subscriptions, (record.token, record.event), rows.closed
    ),
}
"""How a record is sorted into the rows it leads to besides history's. Those that are not here lead to none."""


Key = TypeVar("Key")


def _drop(made: dict[Key, dict[str, Any]], key: Key, stored: list[Key]) -> None:
    """Forget what this very command made, or note that what is stored is to go."""
    if made.pop(key, None) is None:
        stored.append(key)


def _timer_row(ctx: CommandContext, record: happened.TimerSet) -> dict[str, Any]:
    return {
        **_job_row(ctx, record, record.due_at),
        "kind": INSTANCE_TIMER,
        "event": record.event,
        "repeat": record.repeat,
        "payload": with_origin({}) or None,
        "retries": None,
    }


def _call_row(ctx: CommandContext, record: happened.OperationRequested) -> dict[str, Any]:
    payload = {
        "operation": record.operation,
        "inputs": record.inputs,
        "process_key": ctx.process_key,
        "starter": ctx.starter,
    }
    return {
        **_job_row(ctx, record, ctx.now),
        "kind": CALL,
        "event": 0,
        "repeat": None,
        "payload": with_origin(payload),
        "retries": list(record.retries),
    }


def _job_row(
    ctx: CommandContext, record: happened.TimerSet | happened.OperationRequested, due_at: datetime
) -> dict[str, Any]:
    return {
        "instance_id": ctx.instance_id,
        "token": record.token,
        "element": record.element.id,
        "element_name": record.element.name,
        "due_at": due_at,
        "try_at": due_at,
        "created_at": ctx.now,
    }


def _subscription_row(record: happened.SubscriptionOpened) -> dict[str, Any]:
    return {
        "token": record.token,
        "element": record.element.id,
        "event": record.event,
        "kind": record.kind,
        "name": record.name,
        "correlation": record.correlation,
        "key_hash": key_hash(record.correlation),
    }


def _open_work(ctx: CommandContext, rows: _Rows, record: happened.WorkOpened) -> None:
    element, assignment = record.element, record.assignment
    item_id = str(uuid.uuid4())
    named = dict.fromkeys([("user", n) for n in assignment.users] + [("group", n) for n in assignment.groups])
    rows.work[record.token] = {
        "id": item_id,
        "instance_id": ctx.instance_id,
        "token": record.token,
        "element": element.id,
        "name": element.name or element.id,
        "form": element.options.get("form"),
        "outcomes": [
            {"id": o.id, "name": o.name, "kind": o.kind, "comment": o.comment} for o in element.outcomes
        ],
        "facts": [],
        "status": "claimed" if assignment.assignee else "open",
        "assignee": assignment.assignee,
        "offered": offered_to(tuple(named)),
        "due_at": assignment.due_at,
        "priority": assignment.priority,
        "created_at": ctx.now,
        "revision": 1,
    }
    rows.candidates[record.token] = [
        {"work_item_id": item_id, "kind": kind, "name": name} for kind, name in named
    ]


def _incident_row(ctx: CommandContext, record: happened.IncidentRaised) -> dict[str, Any]:
    return {
        "id": str(uuid.uuid4()),
        "instance_id": ctx.instance_id,
        "token": record.token,
        "element": record.element.id,
        "element_name": record.element.name or record.element.id,
        "error": record.error,
        "job_id": record.job,
        "attempts": record.attempts,
        "created_at": ctx.now,
    }


def _write_work(ctx: CommandContext, rows: _Rows) -> None:
    if rows.withdrawn:
        ctx.session.execute(
            _WITHDRAW, {"instance": ctx.instance_id, "tokens": rows.withdrawn, "now": ctx.now}
        )
    if rows.work:
        _OPEN.run_many(ctx.session, list(rows.work.values()))
    candidates = [row for group in rows.candidates.values() for row in group]
    if candidates:
        _OFFER.run_many(ctx.session, candidates)


def _write_jobs(ctx: CommandContext, rows: _Rows) -> None:
    if rows.cleared:
        ctx.session.execute(_places(job, ctx.instance_id, rows.cleared))
    if rows.jobs:
        ctx.session.execute(insert(job), list(rows.jobs.values()))


def _write_subscriptions(ctx: CommandContext, rows: _Rows) -> None:
    if rows.closed:
        ctx.session.execute(_places(subscription, ctx.instance_id, rows.closed))
    if rows.subscriptions:
        ctx.session.execute(
            insert(subscription),
            [{"instance_id": ctx.instance_id, **row} for row in rows.subscriptions.values()],
        )
        ctx.mail.awaited.update(
            (row["name"], row["key_hash"]) for row in rows.subscriptions.values() if row["kind"] == "message"
        )


def _write_incidents(ctx: CommandContext, rows: _Rows) -> None:
    if rows.settled:
        ctx.session.execute(
            update(incident)
            .where(
                incident.c.instance_id == ctx.instance_id,
                incident.c.token.in_(rows.settled),
                incident.c.resolved_at.is_(None),
            )
            .values(resolved_at=ctx.now, resolved_by=ctx.actor.user)
        )
    if rows.incidents:
        ctx.session.execute(insert(incident), rows.incidents)


def _places(table: Table, instance_id: str, places: Sequence[Place]) -> Delete:
    """Deletes what waits at these places of an instance."""
    tokens = sorted({token for token, _event in places})
    statement = delete(table).where(table.c.instance_id == instance_id, table.c.token.in_(tokens))
    if all(event_number == 0 for _token, event_number in places):
        return statement.where(table.c.event == 0)
    which = tuple_(table.c.token, table.c.event)
    return statement.where(which.in_(sorted(set(places))))
