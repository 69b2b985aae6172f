"""Rows as the engine would leave them, for tests of what reads them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from engine import deployments
from engine.deployments import ProcessEntry
from engine.history import Event, Head, append
from engine.storage.tables import instance, work_item, work_item_candidate
from engine.visibility import offered_to

START = datetime(2027, 1, 4, 1, 0, 0, tzinfo=UTC)
BPMN = b"<definitions/>"


def deploy(session: Session, key: str = "annual_plan", content: bytes = BPMN, **entry: Any) -> int:
    """Deploy a process that nobody executes, and return the id of its definition."""
    process = ProcessEntry(key, key.replace("_", " ").capitalize(), "process.bpmn", **entry)
    files = {"process.bpmn": content, "forms/start.form": b'{"id": "%s"}' % key.encode()}
    deployments.store(session, key, files, [process], actor="process_designer", now=START)
    return deployments.latest(session, key).id


def add_instance(session: Session, id: str, definition_id: int, **values: Any) -> str:
    """Add an instance that has just started; ``values`` replace columns."""
    row = {
        "id": id,
        "definition_id": definition_id,
        "process_key": deployments.definition(session, definition_id).key,
        "title": f"Title of {id}",
        "starter": "operations_supervisor",
        "status": "active",
        "revision": 1,
        "state": "{}",
        "variables": {},
        "started_at": START,
        "updated_at": START,
        "history_seq": 0,
        "history_hash": "",
    }
    session.execute(insert(instance).values(row | values))
    return id


def add_task(
    session: Session,
    id: str,
    instance_id: str,
    users: tuple[str, ...] = (),
    groups: tuple[str, ...] = (),
    **values: Any,
) -> str:
    """Add a work item with its candidates; ``values`` replace columns."""
    row = {
        "id": id,
        "instance_id": instance_id,
        "token": 1,
        "element": "superior_review",
        "name": "Superior's review",
        "outcomes": [],
        "facts": [],
        "status": "open",
        "created_at": START,
    }
    candidates = [("user", name) for name in users] + [("group", name) for name in groups]
    session.execute(insert(work_item).values({**row, "offered": offered_to(candidates), **values}))
    for kind, name in candidates:
        session.execute(insert(work_item_candidate).values(work_item_id=id, kind=kind, name=name))
    return id


def record(session: Session, instance_id: str, *kinds: tuple[str, str | None, Mapping[str, Any]]) -> Head:
    """Append events (kind, element, payload), a second apart, and move the instance's head."""
    row = session.execute(select(instance).where(instance.c.id == instance_id)).one()
    events = [
        Event(
            time=START + timedelta(seconds=row.history_seq + place),
            actor="operations_supervisor",
            kind=kind,
            definition_id=row.definition_id,
            element=element,
            element_name=element and element.replace("_", " ").capitalize(),
            payload=payload,
        )
        for place, (kind, element, payload) in enumerate(kinds)
    ]
    head = append(session, instance_id, Head(row.history_seq, row.history_hash), events)
    values = {"history_seq": head.seq, "history_hash": head.hash}
    session.execute(update(instance).where(instance.c.id == instance_id).values(values))
    return head
