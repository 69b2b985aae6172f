"""Deliveries as an operator sees them, and asking for them again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session

from engine import Conflict, NotFound
from engine.cursors import Order, fetch
from engine.messages import translatable as _
from engine.views import Page
from webhooks.outgoing import lanes
from webhooks.outgoing.tables import attempt, delivery, endpoint, event

STATUSES = (lanes.PENDING, lanes.DELIVERED, lanes.FAILED)
MOST_AGAIN = 1_000
"""Failed deliveries that are asked for again at once; whoever has more asks again."""
_NEWEST = Order("deliveries", delivery.c.id, descending=True)


@dataclass(frozen=True)
class Delivery:
    """An event on its way to an endpoint. ``attempts`` is how often it was tried, in all."""

    id: int
    endpoint_id: str
    endpoint_name: str
    event_id: str
    event_type: str
    subject: str
    instance_id: str | None
    status: str
    attempts: int
    error: str | None
    created_at: datetime
    next_try_at: datetime | None
    finished_at: datetime | None


@dataclass(frozen=True)
class Attempt:
    """One try. ``request_headers`` have no secret and no signature. ``seconds`` is the time taken."""

    number: int
    time: datetime
    seconds: float
    ok: bool
    status: int | None
    error: str | None
    request_headers: Mapping[str, str]
    request_body: str
    response_headers: Mapping[str, str] | None
    response_body: str | None


@dataclass(frozen=True)
class DeliveryDetail:
    """A delivery with what was to be sent, and every try of it, the last first."""

    delivery: Delivery
    content: str
    tries: tuple[Attempt, ...]


def _deliveries() -> Select[Any]:
    return (
        select(
            delivery.c.id,
            delivery.c.endpoint_id,
            endpoint.c.name.label("endpoint_name"),
            delivery.c.event_id,
            event.c.type.label("event_type"),
            event.c.subject,
            event.c.instance_id,
            *(delivery.c[name] for name in ("status", "attempts", "error", "created_at")),
            *(delivery.c[name] for name in ("next_try_at", "finished_at")),
        )
        .join(endpoint, endpoint.c.id == delivery.c.endpoint_id)
        .join(event, event.c.id == delivery.c.event_id)
    )


def page(
    session: Session, endpoint_id: str | None, status: str | None, cursor: str | None, limit: int
) -> Page[Delivery]:
    """Deliveries to an endpoint or to all, of a status or of all; the newest first."""
    query = _deliveries()
    if endpoint_id is not None:
        query = query.where(delivery.c.endpoint_id == endpoint_id)
    if status is not None:
        query = query.where(delivery.c.status == status)
    rows, following = fetch(session, query, _NEWEST, cursor, limit)
    return Page(tuple(map(_delivery_of, rows)), following)


def detail(session: Session, delivery_id: int) -> DeliveryDetail:
    """A delivery with its tries. Raises NotFound."""
    query = _deliveries().add_columns(event.c.content).where(delivery.c.id == delivery_id)
    row = session.execute(query).first()
    if row is None:
        raise NotFound(_("There is no such delivery."))
    tried = select(attempt).where(attempt.c.delivery_id == delivery_id).order_by(attempt.c.number.desc())
    tries = (
        Attempt(**{**each, "request_body": each["request_body"] or row.content})
        for found in session.execute(tried)
        for each in [{name: found._mapping[name] for name in Attempt.__annotations__}]
    )
    return DeliveryDetail(_delivery_of(row), row.content, tuple(tries))


def again(session: Session, delivery_id: int, now: datetime) -> None:
    """Send a delivery that is over once more, with the same id; one that waits is tried now.

    It goes at once, past what else waits for its endpoint. Raises NotFound, and Conflict for one that is under way.
    """
    row = session.execute(select(delivery).where(delivery.c.id == delivery_id)).first()
    if row is None:
        raise NotFound(_("There is no such delivery."))
    lanes.lock(session, row.endpoint_id, row.lane)
    row = session.execute(select(delivery).where(delivery.c.id == delivery_id).with_for_update()).one()
    if row.status == lanes.PENDING:
        raise Conflict(_("This delivery is on its way already."))
    _begin(session, row.id, now, by_hand=True, lane=f"again:{row.id}")
    lanes.give_job(session, row.id, now, now)


def all_failed_again(session: Session, endpoint_id: str, now: datetime) -> int:
    """Send all that failed of an endpoint once more, those of one instance in order. Returns how many."""
    failed = (
        select(delivery.c.id, delivery.c.lane)
        .where(delivery.c.endpoint_id == endpoint_id, delivery.c.status == lanes.FAILED)
        .order_by(delivery.c.id)
        .limit(MOST_AGAIN)
    )
    found = session.execute(failed).all()
    changed = sorted({row.lane for row in found})
    for lane in changed:
        lanes.lock(session, endpoint_id, lane)
    for row in found:
        _begin(session, row.id, now, by_hand=False)
    for lane in changed:
        lanes.begin_turn(session, endpoint_id, lane, now)
    return len(found)


def _begin(session: Session, delivery_id: int, now: datetime, **values: Any) -> None:
    anew = {"status": lanes.PENDING, "tries": 0, "job_id": None, "next_try_at": now, "finished_at": None}
    session.execute(update(delivery).where(delivery.c.id == delivery_id).values(**anew, **values))


def failed_by_endpoint(session: Session) -> dict[str, int]:
    """How many deliveries have failed and were not asked for again, by endpoint."""
    counted = select(delivery.c.endpoint_id, func.count()).where(delivery.c.status == lanes.FAILED)
    return {row[0]: row[1] for row in session.execute(counted.group_by(delivery.c.endpoint_id))}


def _delivery_of(row: Any) -> Delivery:
    return Delivery(**{name: row._mapping[name] for name in Delivery.__annotations__})


def count_by_status(session: Session) -> Mapping[str, int]:
    """How many deliveries there are of each status; those that are over are cleared away in time."""
    rows = session.execute(select(delivery.c.status, func.count()).group_by(delivery.c.status))
    return {**dict.fromkeys(STATUSES, 0), **{row[0]: row[1] for row in rows}}
