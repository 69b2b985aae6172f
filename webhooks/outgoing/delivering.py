"""The job that sends: a delivery is leased with it, sent outside of any transaction, and what came of it is written."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, select, update
from structlog.contextvars import bound_contextvars

from engine import Database
from engine.context import CommandContext
from engine.jobs import Job, Outside, Retries
from engine.messages import translatable as _
from webhooks.outgoing import endpoints, lanes
from webhooks.outgoing.pace import Pace
from webhooks.outgoing.schedule import GIVE_UP_ENDPOINT, wait_before
from webhooks.outgoing.sending import TIMEOUT, Sender
from webhooks.outgoing.tables import attempt, delivery, endpoint, event

Warn = Callable[[CommandContext, str, str, str], None]
"""Tells administrators that an endpoint was switched off by itself: its id, its name, and why."""

ALWAYS = Retries(("PT10S", "PT1M", "PT10M", "PT1H"), endless=True)
"""For what should not happen: that an attempt could not even be made, or be written down."""
SHARE_OF_LEASE = 0.7
"""Of the time that the worker has; the rest is for writing down what came of it, before another sends it too."""
SPREAD = timedelta(seconds=5)
_SWITCHED_OFF = _("The webhook was switched off before it was sent.")


class Delivering:
    """``clock`` gives UTC. ``warn`` is told when an endpoint is switched off by itself."""

    def __init__(self, database: Database, sender: Sender, clock: Callable[[], datetime], warn: Warn) -> None:
        self._database = database
        self._sender = sender
        self._clock = clock
        self._warn = warn
        self._pace = Pace()

    def kind(self) -> Outside:
        """The kind of job."""
        return Outside(self._work, self._finish, ALWAYS)

    # Outside

    def _work(self, job: Job) -> Mapping[str, Any]:
        now = self._clock()
        with self._database.read() as session:
            found = session.execute(select(delivery).where(delivery.c.id == job.payload["delivery"])).first()
            if found is None or found.status != lanes.PENDING or found.job_id != job.id:
                return {"not_sent": "gone"}
            if not lanes.is_first(session, found.endpoint_id, found.lane, found.id):
                return {"not_sent": "behind"}
            target = session.execute(select(endpoint).where(endpoint.c.id == found.endpoint_id)).one()
            told = session.execute(select(event).where(event.c.id == found.event_id)).one()
        if not target.enabled and not found.by_hand:
            return {"not_sent": "off"}
        if target.paused_until is not None and target.paused_until > now and not found.by_hand:
            return {"not_sent": "later", "until": target.paused_until.isoformat()}
        with self._pace.turn(target.id) as room:
            if not room:
                return {"not_sent": "later", "until": now.isoformat()}
            with bound_contextvars(endpoint=target.id, event_id=told.id):
                return {"outcome": self._sender.send(target, told, now, _seconds(job)).as_json()}

    # Written down

    def _finish(self, ctx: CommandContext, job: Job, answer: Mapping[str, Any]) -> None:
        row = ctx.session.execute(select(delivery).where(delivery.c.id == job.payload["delivery"])).first()
        if row is None or not endpoints.hold(ctx.session, row.endpoint_id):
            return
        lanes.lock(ctx.session, row.endpoint_id, row.lane)
        # Read again: only now does nobody else change it.
        query = select(delivery).where(delivery.c.id == row.id, delivery.c.job_id == job.id)
        row = ctx.session.execute(query.with_for_update()).first()
        if row is None or row.status != lanes.PENDING:
            return
        _change(ctx, row.id, job_id=None)
        if "outcome" in answer:
            self._sent(ctx, row, answer["outcome"])
        elif answer["not_sent"] == "off":
            _end(ctx, row.id, lanes.FAILED, _SWITCHED_OFF)
        elif answer["not_sent"] == "later":
            until = datetime.fromisoformat(answer["until"])
            lanes.give_job(ctx.session, row.id, ctx.now, max(until, ctx.now) + SPREAD * random.random())  # noqa: S311
            return
        lanes.begin_turn(ctx.session, row.endpoint_id, row.lane, ctx.now)

    def _sent(self, ctx: CommandContext, row: Any, outcome: Mapping[str, Any]) -> None:
        number, tries = row.attempts + 1, row.tries + 1
        _keep(ctx, row, number, outcome)
        _change(ctx, row.id, attempts=number, tries=tries)
        if outcome["ok"]:
            _end(ctx, row.id, lanes.DELIVERED, None)
            endpoints.note_success(ctx.session, row.endpoint_id, ctx.now)
            return
        asked = None if outcome["wait"] is None else timedelta(seconds=outcome["wait"])
        wait = wait_before(tries + 1, asked)
        if outcome["gone"] or wait is None:
            _end(ctx, row.id, lanes.FAILED, outcome["error"])
        else:
            _change(ctx, row.id, error=outcome["error"])
            lanes.give_job(ctx.session, row.id, ctx.now, ctx.now + wait)
        self._judge_endpoint(ctx, row.endpoint_id, bool(outcome["gone"]), asked)

    def _judge_endpoint(
        self, ctx: CommandContext, endpoint_id: str, gone: bool, asked: timedelta | None
    ) -> None:
        """Switch an endpoint off that is gone, or that nothing has reached for too long."""
        stands = endpoints.note_failure(ctx.session, endpoint_id, ctx.now, asked)
        if not stands.enabled:
            return
        since = stands.failing_since or ctx.now
        why = endpoints.GONE if gone else endpoints.FAILING if ctx.now - since >= GIVE_UP_ENDPOINT else None
        if why is not None:
            endpoints.switch_off(ctx.session, endpoint_id, why, ctx.now)
            self._warn(ctx, endpoint_id, stands.name, why)


def _seconds(job: Job) -> float:
    """How long an attempt may take under this lease."""
    if job.lease_until is None or job.tried_at is None:
        return TIMEOUT
    return min(TIMEOUT, (job.lease_until - job.tried_at).total_seconds() * SHARE_OF_LEASE)


def _keep(ctx: CommandContext, row: Any, number: int, outcome: Mapping[str, Any]) -> None:
    names = ("seconds", "ok", "status", "error", "request_headers", "request_body")
    kept = {name: outcome[name] for name in (*names, "response_headers", "response_body")}
    ctx.session.execute(insert(attempt).values(delivery_id=row.id, number=number, time=ctx.now, **kept))


def _change(ctx: CommandContext, delivery_id: int, **values: Any) -> None:
    ctx.session.execute(update(delivery).where(delivery.c.id == delivery_id).values(**values))


def _end(ctx: CommandContext, delivery_id: int, status: str, error: str | None) -> None:
    _change(ctx, delivery_id, status=status, finished_at=ctx.now, next_try_at=None, error=error)
