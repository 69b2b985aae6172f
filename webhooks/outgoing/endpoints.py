"""Endpoints: made, changed, switched off and on, deleted; their secrets rotated. For administrators."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from engine import Conflict, FieldProblem, Invalid, NotFound
from engine.messages import translatable as _
from webhooks.outgoing import signing
from webhooks.outgoing.endpoint import MOST, STANDARD, Chosen, Endpoint, endpoint_of, shown
from webhooks.outgoing.schedule import pause_after
from webhooks.outgoing.sealing import Sealer
from webhooks.outgoing.tables import endpoint

log = structlog.get_logger(__name__)

LONGEST_OVERLAP = timedelta(days=30)
BY_HAND, FAILING, GONE = "by_hand", "failing", "gone"
_CALM: dict[str, Any] = {"failing_since": None, "failures": 0, "paused_until": None}
"""What the row of an endpoint says that has not failed since it last had a success."""


def list_all(session: Session) -> list[Endpoint]:
    """All of them, by name."""
    rows = session.execute(select(endpoint).order_by(func.lower(endpoint.c.name), endpoint.c.id))
    return [endpoint_of(row._mapping) for row in rows]


def unreadable_endpoints(session: Session, key: str) -> list[str]:
    """Names of those whose address or secret was sealed with another key than this one."""
    sealer, columns = Sealer(key), (endpoint.c.name, endpoint.c.url, endpoint.c.secret, endpoint.c.old_secret)
    rows = session.execute(select(*columns).order_by(func.lower(endpoint.c.name)))
    return [row.name for row in rows if not all(map(sealer.opens, filter(None, row[1:])))]


def get(session: Session, endpoint_id: str) -> Endpoint:
    """Raises NotFound."""
    return endpoint_of(_row(session, endpoint_id)._mapping)


def _row(session: Session, endpoint_id: str, lock: bool = False) -> Any:
    query = select(endpoint).where(endpoint.c.id == endpoint_id)
    row = session.execute(query.with_for_update(key_share=True) if lock else query).first()
    if row is None:
        raise NotFound(_("There is no such endpoint."))
    return row


def hold(session: Session, endpoint_id: str) -> bool:
    """See to it that an endpoint is not deleted before the commit; whether it is there.

    Whoever will write into its row after that of a delivery does this first: who deletes it takes them in this order.
    """
    query = select(endpoint.c.id).where(endpoint.c.id == endpoint_id)
    return session.execute(query.with_for_update(read=True, key_share=True)).first() is not None


def create(
    session: Session, sealer: Sealer, chosen: Chosen, actor: str, now: datetime
) -> tuple[str, str | None]:
    """Make an endpoint; returns its id, and its secret where one was made, which is never shown again."""
    if (session.scalar(select(func.count()).select_from(endpoint)) or 0) >= MOST:
        raise Conflict(_("There are %(limit)d endpoints already."), limit=MOST)
    made = signing.new_secret() if chosen.format == STANDARD else None
    secret, endpoint_id = made or chosen.secret, str(uuid.uuid4())
    session.execute(
        insert(endpoint).values(
            id=endpoint_id,
            format=chosen.format,
            **_said(chosen),
            **_address(sealer, chosen, chosen.format),
            secret=None if secret is None else sealer.seal(secret),
            enabled=True,
            **_CALM,
            created_at=now,
            created_by=actor,
            updated_at=now,
            revision=1,
        )
    )
    log.info("webhook endpoint made", endpoint=endpoint_id, actor=actor)
    return endpoint_id, made


def change(
    session: Session,
    sealer: Sealer,
    endpoint_id: str,
    chosen: Chosen,
    actor: str,
    now: datetime,
    revision: int | None,
) -> None:
    """Change what an endpoint is. Its format stays. Raises Conflict when it has changed since ``revision``."""
    row = _row(session, endpoint_id, lock=True)
    if revision is not None and revision != row.revision:
        raise Conflict(_("“%(name)s” has changed since you opened it. Please look again."), name=row.name)
    if chosen.format != row.format:
        problem = FieldProblem("format", _("The form of an endpoint cannot be changed; make another one."))
        raise Invalid(_("Some fields are not right."), [problem])
    values = {**_said(chosen), **_address(sealer, chosen, row.format)}
    if chosen.secret is not None:
        values["secret"] = sealer.seal(chosen.secret)
    _write(session, row, now, **values)
    log.info("webhook endpoint changed", endpoint=endpoint_id, actor=actor)


def rotate(
    session: Session, sealer: Sealer, endpoint_id: str, overlap: timedelta, actor: str, now: datetime
) -> str:
    """Make a new secret and return it. The one before signs too, for so long, so that receivers can change over."""
    row = _row(session, endpoint_id, lock=True)
    if row.format != STANDARD:
        raise Conflict(_("The secret of a robot is made on its own page; enter it there."))
    if not timedelta(0) <= overlap <= LONGEST_OVERLAP:
        problem = FieldProblem("hours", _("Between 0 and 720 hours are possible."))
        raise Invalid(_("Some fields are not right."), [problem])
    fresh = signing.new_secret()
    kept = {"old_secret": row.secret, "old_secret_until": now + overlap} if overlap else _NO_OLD
    _write(session, row, now, secret=sealer.seal(fresh), **kept)
    log.info("webhook secret rotated", endpoint=endpoint_id, actor=actor)
    return fresh


_NO_OLD: dict[str, Any] = {"old_secret": None, "old_secret_until": None}


def switch(session: Session, endpoint_id: str, on: bool, actor: str, now: datetime) -> None:
    """Switch an endpoint on or off; one that is so already stays as it is."""
    row = _row(session, endpoint_id, lock=True)
    if row.enabled == on:
        return
    why = {"enabled": on, "disabled_at": None if on else now, "disabled_why": None if on else BY_HAND}
    _write(session, row, now, **why, **_CALM)
    log.info("webhook endpoint switched", endpoint=endpoint_id, on=on, actor=actor)


def remove(session: Session, endpoint_id: str, actor: str) -> None:
    """Delete an endpoint with all its deliveries; what is on its way is not sent any more."""
    _row(session, endpoint_id)
    session.execute(delete(endpoint).where(endpoint.c.id == endpoint_id))
    log.info("webhook endpoint deleted", endpoint=endpoint_id, actor=actor)


def note_success(session: Session, endpoint_id: str, now: datetime) -> None:
    """Something has arrived there."""
    session.execute(update(endpoint).where(endpoint.c.id == endpoint_id).values(succeeded_at=now, **_CALM))


def note_failure(session: Session, endpoint_id: str, now: datetime, asked: timedelta | None) -> Endpoint:
    """Something has not. It is left alone for a while after several failures, or as it ``asked``.

    Returns how it stands.
    """
    row = _row(session, endpoint_id, lock=True)
    rest = max(filter(None, (pause_after(row.failures + 1), asked)), default=None)
    values = {
        "failures": row.failures + 1,
        "failing_since": row.failing_since or now,
        "paused_until": None if rest is None else now + rest,
    }
    session.execute(update(endpoint).where(endpoint.c.id == endpoint_id).values(**values))
    return get(session, endpoint_id)


def switch_off(session: Session, endpoint_id: str, why: str, now: datetime) -> None:
    """Switch an endpoint off by itself: it has failed for too long, or has said that it is gone."""
    row = _row(session, endpoint_id, lock=True)
    _write(session, row, now, enabled=False, disabled_at=now, disabled_why=why)
    log.warning("webhook endpoint switched off", endpoint=endpoint_id, why=why)


def _write(session: Session, row: Any, now: datetime, **values: Any) -> None:
    session.execute(
        update(endpoint)
        .where(endpoint.c.id == row.id)
        .values(updated_at=now, revision=row.revision + 1, **values)
    )


def _said(chosen: Chosen) -> dict[str, Any]:
    return {
        "name": chosen.name.strip(),
        "events": list(dict.fromkeys(chosen.events)),
        "processes": list(dict.fromkeys(chosen.processes)),
        "language": chosen.language,
    }


def _address(sealer: Sealer, chosen: Chosen, form: str) -> dict[str, Any]:
    if chosen.url is None:
        return {}
    return {"url": sealer.seal(chosen.url), "address": shown(chosen.url, form)}
