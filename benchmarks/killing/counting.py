"""What is counted when everything has been started again and is done: all of it is there, and each thing once."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from benchmarks.killing.clients import Ledger
from benchmarks.killing.receiver import Receiver
from engine import history
from engine.jobs.job import DUE
from engine.storage.database import Database
from engine.storage.tables import history as events
from engine.storage.tables import incident, instance, job, message, work_item
from webhooks.outgoing.tables import delivery
from webhooks.outgoing.tables import event as outbox

WANTED = or_(job.c.instance_id.is_not(None), job.c.status != DUE)
"""Jobs that must have come to their end; what the installation does for itself again and again is only due."""
ONCE = ("timer.set", "timer.fired", "operation.requested", "operation.called", "message.received")

TOLD = {
    "instance.started": "org.planflow.instance.started",
    "instance.completed": "org.planflow.instance.ended",
    "task.completed": "org.planflow.task.completed",
}
"""Which kinds of history the other system is told of, and as which events."""


def problems(database: Database, ledger: Ledger, receiver: Receiver) -> Iterator[str]:
    """Every sentence is a promise that was not kept; none at all is how it should be."""
    yield from ledger.troubles
    with database.read() as session:
        yield from _left_over(session)
        yield from _instances(session, ledger)
        yield from _completions(session, ledger)
        yield from _once_each(session)
        yield from _calls(session, receiver)
        yield from _events(session, receiver)
        for broken in history.verify(session):
            yield f"the history of {broken.instance_id} is broken at {broken.seq}: {broken.reason}"
        if database.is_sqlite:
            sound = session.connection().exec_driver_sql("PRAGMA integrity_check").scalar()
            if sound != "ok":
                yield f"integrity_check says {sound}"


def figures(database: Database) -> dict[str, int]:
    """How much happened, by kind of event."""
    with database.read() as session:
        rows = session.execute(select(events.c.kind, func.count()).group_by(events.c.kind))
        return dict(sorted((row[0], row[1]) for row in rows))


def waiting(database: Database) -> dict[str, int]:
    """What is not over yet: instances that are active, jobs, messages, and events on their way."""
    with database.read() as session:
        active = select(func.count()).select_from(instance).where(instance.c.status == "active")
        counted = {"instances": session.scalar(active) or 0}
        counted["jobs"] = session.scalar(select(func.count()).select_from(job).where(WANTED)) or 0
        counted["messages"] = session.scalar(select(func.count()).select_from(message)) or 0
        pending = select(func.count()).select_from(delivery).where(delivery.c.status == "pending")
        counted["deliveries"] = session.scalar(pending) or 0
    return counted


def _left_over(session: Session) -> Iterator[str]:
    undelivered = select(delivery).where(delivery.c.status != "delivered")
    for left in (select(job).where(WANTED), select(message), select(incident), undelivered):
        yield from (f"left over: {dict(found)}" for found in session.execute(left).mappings())
    for row in session.execute(select(instance).where(instance.c.status != "completed")):
        yield f"instance {row.id} of {row.process_key} is {row.status}: {row.state}"
    for row in session.execute(select(work_item).where(work_item.c.status.in_(("open", "claimed")))):
        yield f"task {row.id} ({row.element}) is still {row.status}"


def _instances(session: Session, ledger: Ledger) -> Iterator[str]:
    rows = session.execute(select(instance.c.id, instance.c.process_key, instance.c.variables)).all()
    for process in ("order", "delivery"):
        counted = Counter(row.variables["order"] for row in rows if row.process_key == process)
        if dict(counted) != dict.fromkeys(ledger.started, 1):
            wrong = {k: n for k, n in counted.items() if n != 1 or k not in ledger.started}
            missing = sorted(set(ledger.started) - set(counted))
            yield f"instances of {process} by order: more or less than one {wrong}, missing {missing}"
    ids = {row.id for row in rows}
    yield from (f"acknowledged instance {one} is gone" for one in ledger.started.values() if one not in ids)


def _completions(session: Session, ledger: Ledger) -> Iterator[str]:
    told = Counter(
        payload["task"]
        for payload in session.scalars(select(events.c.payload).where(events.c.kind == "task.completed"))
    )
    for task, element in ledger.completed.items():
        if told[task] != 1:
            yield f"the acknowledged completion of {element} ({task}) is there {told[task]} times"
    yield from (
        f"{task} was completed, and nobody was told so" for task in told if task not in ledger.completed
    )


def _once_each(session: Session) -> Iterator[str]:
    """An order has one timer, one call and one message, a delivery none of them."""
    query = select(events.c.instance_id, events.c.kind, func.count().label("times"))
    query = query.where(events.c.kind.in_(ONCE)).group_by(events.c.instance_id, events.c.kind)
    found = {(row.instance_id, row.kind): row.times for row in session.execute(query)}
    for order in session.scalars(select(instance.c.id).where(instance.c.process_key == "order")):
        for kind in ONCE:
            if found.get((order, kind), 0) != 1:
                yield f"{kind} happened {found.get((order, kind), 0)} times in {order}"


def _calls(session: Session, receiver: Receiver) -> Iterator[str]:
    """Each call has arrived at least once, always under one key, whose answer its instance holds."""
    held: dict[str, Any] = {}
    orders = select(instance.c.variables).where(instance.c.process_key == "order")
    for variables in session.scalars(orders):
        held[(variables.get("told") or {}).get("key", "")] = variables["order"]
    for key, order in held.items():
        if receiver.calls[key] < 1 or receiver.orders.get(key) != {order}:
            yield f"order {order} holds the answer to a call {key!r} that has not arrived"
    yield from (
        f"a call arrived under {key!r}, of which no instance knows"
        for key in receiver.calls
        if key not in held
    )


def _events(session: Session, receiver: Receiver) -> Iterator[str]:
    """What happened is in the outbox once; each event has arrived at least once as it is there, in order."""
    yield from (f"something arrived that was not signed by the secret: {told}" for told in receiver.unsigned)
    rows = session.execute(
        select(outbox.c.id, outbox.c.content)
        .join(delivery, delivery.c.event_id == outbox.c.id)
        .order_by(delivery.c.id)
    )
    sent = {row.id: json.loads(row.content) for row in rows}
    yield from _outbox(session, sent)
    arrived = Counter(each.id for each in receiver.arrivals)
    yield from (f"the event {one} has not arrived" for one in sent if not arrived[one])
    for each in receiver.arrivals:
        if sent.get(each.id) != each.event:
            yield f"under {each.id} something arrived that is not in the outbox: {each.event}"
    yield from _order(sent, receiver)


def _outbox(session: Session, sent: Mapping[str, Any]) -> Iterator[str]:
    """History and outbox tell the same."""
    query = select(events.c.instance_id, events.c.seq, events.c.kind).where(events.c.kind.in_(TOLD))
    happened = Counter((row.instance_id, row.seq, TOLD[row.kind]) for row in session.execute(query))
    told = Counter(
        (event["data"]["instance"]["id"], event["data"]["sequence"], event["type"]) for event in sent.values()
    )
    if happened != told:
        yield f"in history and not in the outbox: {happened - told}; only in the outbox: {told - happened}"


def _order(sent: Mapping[str, Any], receiver: Receiver) -> Iterator[str]:
    """Of an instance none arrives after a later one has; one may arrive several times in a row."""
    latest: dict[str, int] = {}
    places = {one: place for place, one in enumerate(sent)}
    for each in receiver.arrivals:
        about = each.event["data"]["instance"]["id"]
        place = places.get(each.id, 0)
        if place < latest.get(about, 0):
            yield f"the event {each.id} arrived after a later one of {about}"
        latest[about] = place
