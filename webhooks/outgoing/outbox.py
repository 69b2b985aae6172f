"""The outbox: events are written, with their deliveries, in the transaction of the command that they tell of.

Which endpoints there are is remembered for some seconds, so that a command of which nobody wants to hear costs no
statement. An endpoint that another process has just made hears of commands from then on (see `FRESH`); the process
that made it knows at once.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from time import monotonic

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from engine.context import CommandContext
from engine.correlation import origin
from engine.observing import Happening
from webhooks.events import Drafted, as_cloud_event, drafts, kinds_of
from webhooks.outgoing import lanes
from webhooks.outgoing.schedule import WAITS
from webhooks.outgoing.tables import delivery, endpoint, event

FRESH = 2.0
"""Seconds for which a process remembers which endpoints there are."""


@dataclass(frozen=True)
class Wish:
    """What an endpoint wants to be sent: of these types and processes, of all where none is named."""

    endpoint_id: str
    events: frozenset[str]
    processes: frozenset[str]

    def has(self, drafted: Drafted) -> bool:
        """Whether it wants this event. One that no process led to is wanted where no process is named."""
        if self.events and drafted.type.name not in self.events:
            return False
        return not self.processes or drafted.process in self.processes


class Outbox:
    """The engine's observer. ``public_url`` is where people reach this installation, for links and as the source."""

    def __init__(self, public_url: str | None, ticking: Callable[[], float] = monotonic) -> None:
        self._public_url = public_url
        self._ticking = ticking
        self._known: tuple[float, frozenset[str]] | None = None

    def forget(self) -> None:
        """Look again before the next command: endpoints were changed."""
        self._known = None

    def wants(self, ctx: CommandContext) -> Collection[str]:
        """The kinds that any endpoint wants to be told of."""
        known, now = self._known, self._ticking()
        if known is None or not 0 <= now - known[0] < FRESH:
            kinds = [kinds_of(wish.events) for wish in _wishes(ctx.session)]
            known = self._known = (now, frozenset().union(*kinds))
        return known[1]

    def observe(self, ctx: CommandContext, happened: Sequence[Happening]) -> None:
        """Write the events that are wanted. The endpoints are read anew, and stay while this is written."""
        wishes = _wishes(ctx.session, stay=True)
        wanted = [
            (drafted, takers)
            for drafted in drafts(ctx, happened, self._public_url)
            if (takers := [wish.endpoint_id for wish in wishes if wish.has(drafted)])
        ]
        self.write(ctx.session, wanted, ctx.now)

    def write_test(self, session: Session, drafted: Drafted, endpoint_id: str, now: datetime) -> int:
        """Write a test event for one endpoint, whether it is switched on or not. It is tried once.

        Returns the number of its delivery.
        """
        event_id = _new_id()
        session.execute(insert(event).values(self._event(event_id, drafted)))
        once = {"by_hand": True, "tries": len(WAITS) - 1}
        values = {**_delivery(endpoint_id, event_id, drafted.lane, now), **once}
        done = session.execute(insert(delivery).values(values))
        number = int(done.inserted_primary_key[0])  # type: ignore[attr-defined]  # an INSERT's cursor has it
        lanes.give_job(session, number, now, now)
        return number

    def write(self, session: Session, wanted: Sequence[tuple[Drafted, Sequence[str]]], now: datetime) -> None:
        """Write events, each with the endpoints that are to have it, and let the sending begin."""
        if not wanted:
            return
        changed = sorted({(taker, drafted.lane) for drafted, takers in wanted for taker in takers})
        for taker, lane in changed:
            lanes.lock(session, taker, lane)
        events, deliveries = [], []
        for drafted, takers in wanted:
            event_id = _new_id()
            events.append(self._event(event_id, drafted))
            deliveries += [_delivery(taker, event_id, drafted.lane, now) for taker in takers]
        session.execute(insert(event), events)
        session.execute(insert(delivery), deliveries)
        for taker, lane in changed:
            lanes.begin_turn(session, taker, lane, now)

    def _event(self, event_id: str, drafted: Drafted) -> dict[str, object]:
        content = as_cloud_event(
            event_id, drafted.type.name, self._public_url, drafted.subject, drafted.time, drafted.data
        )
        return {
            "id": event_id,
            "type": drafted.type.name,
            "subject": drafted.subject,
            "instance_id": drafted.data.get("instance", {}).get("id"),
            "time": drafted.time,
            "content": content,
            "origin": origin() or None,
        }


def _new_id() -> str:
    return f"evt_{uuid.uuid4().hex}"


def _delivery(endpoint_id: str, event_id: str, lane: str, now: datetime) -> dict[str, object]:
    return {
        "endpoint_id": endpoint_id,
        "event_id": event_id,
        "lane": lane,
        "status": lanes.PENDING,
        "attempts": 0,
        "tries": 0,
        "by_hand": False,
        "created_at": now,
        "next_try_at": now,
    }


def _wishes(session: Session, stay: bool = False) -> list[Wish]:
    """What the endpoints want that are switched on. ``stay``: none of them is deleted before the commit."""
    query = select(endpoint.c.id, endpoint.c.events, endpoint.c.processes).where(endpoint.c.enabled)
    if stay:
        query = query.with_for_update(read=True, key_share=True)
    rows = session.execute(query.order_by(endpoint.c.id))
    return [Wish(row.id, frozenset(row.events), frozenset(row.processes)) for row in rows]
