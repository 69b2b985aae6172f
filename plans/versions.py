"""Versions of a plan: what it said at a time. One that was in force stays as it was (policy C4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Table, delete, func, insert, select, update
from sqlalchemy.orm import Session

from plans.contents import Action, Contents, Goal
from plans.rates import plain
from plans.tables import goal, plan_action, plan_version

DRAFT, IN_FORCE, SUPERSEDED = "draft", "in_force", "superseded"


@dataclass(frozen=True)
class Version:
    """One version without its contents. ``ground`` and ``reason`` say why it was adjusted (policy C1)."""

    plan_id: str
    version: int
    status: str
    created_at: datetime
    updated_at: datetime
    approved_by: str | None
    in_force_from: datetime | None
    superseded_at: datetime | None
    ground: str | None
    reason: str | None


_COLUMNS = [plan_version.c[name] for name in Version.__annotations__]


def list_versions(session: Session, plan_id: str) -> list[Version]:
    """All versions of a plan, newest first."""
    mine = select(*_COLUMNS).where(plan_version.c.plan_id == plan_id)
    return [Version(*row) for row in session.execute(mine.order_by(plan_version.c.version.desc()))]


def find(session: Session, plan_id: str, status: str) -> Version | None:
    """The one version that is a draft, or in force; the newest of the superseded ones."""
    return next((found for found in list_versions(session, plan_id) if found.status == status), None)


def current(session: Session, plan_id: str) -> Version | None:
    """The version that speaks for the plan: the one in force, else the draft."""
    return find(session, plan_id, IN_FORCE) or find(session, plan_id, DRAFT)


def read(session: Session, plan_id: str, version: int) -> Contents:
    """Everything that a version says; an empty one for a version that does not exist."""
    mine = (plan_version.c.plan_id == plan_id) & (plan_version.c.version == version)
    columns = (plan_version.c.document, plan_version.c.resources, plan_version.c.risks)
    row = session.execute(select(*columns).where(mine)).one_or_none()
    if row is None:
        return Contents()
    return Contents(
        document=row.document,
        goals=_goals(session, plan_id, version),
        actions=_actions(session, plan_id, version),
        resources=row.resources,
        risks=row.risks,
    )


def add(
    session: Session,
    plan_id: str,
    status: str,
    contents: Contents,
    now: datetime,
    *,
    approved_by: str | None = None,
    ground: str | None = None,
    reason: str | None = None,
) -> int:
    """Write a new version with these contents and return its number, one above the highest so far."""
    highest = select(func.max(plan_version.c.version)).where(plan_version.c.plan_id == plan_id)
    number = (session.scalar(highest) or 0) + 1
    session.execute(
        insert(plan_version).values(
            plan_id=plan_id,
            version=number,
            status=status,
            created_at=now,
            updated_at=now,
            in_force_from=now if status == IN_FORCE else None,
            approved_by=approved_by,
            ground=ground,
            reason=reason,
            **_columns_of(contents),
        )
    )
    _write_lines(session, plan_id, number, contents)
    return number


def rewrite_draft(session: Session, draft: Version, contents: Contents, now: datetime) -> None:
    """Replace what a draft says."""
    mine = (plan_version.c.plan_id == draft.plan_id) & (plan_version.c.version == draft.version)
    session.execute(
        update(plan_version)
        .where(mine, plan_version.c.status == DRAFT)
        .values(updated_at=now, **_columns_of(contents))
    )
    for table in (goal, plan_action):
        session.execute(
            delete(table).where(table.c.plan_id == draft.plan_id, table.c.version == draft.version)
        )
    _write_lines(session, draft.plan_id, draft.version, contents)


def supersede(session: Session, plan_id: str, now: datetime) -> int | None:
    """End the version in force, if there is one, and return its number."""
    former = find(session, plan_id, IN_FORCE)
    if former is None:
        return None
    mine = (plan_version.c.plan_id == plan_id) & (plan_version.c.version == former.version)
    session.execute(
        update(plan_version).where(mine).values(status=SUPERSEDED, superseded_at=now, updated_at=now)
    )
    return former.version


def bring_into_force(session: Session, draft: Version, approved_by: str | None, now: datetime) -> None:
    """Let a draft take effect. The former version in force must have been superseded."""
    mine = (plan_version.c.plan_id == draft.plan_id) & (plan_version.c.version == draft.version)
    session.execute(
        update(plan_version)
        .where(mine)
        .values(status=IN_FORCE, in_force_from=now, approved_by=approved_by, updated_at=now)
    )


def _columns_of(contents: Contents) -> dict[str, object]:
    return {
        "document": dict(contents.document),
        "resources": [dict(row) for row in contents.resources],
        "risks": [dict(row) for row in contents.risks],
    }


def _write_lines(session: Session, plan_id: str, version: int, contents: Contents) -> None:
    place = {"plan_id": plan_id, "version": version}
    lines: tuple[tuple[Table, Sequence[Goal | Action]], ...] = (
        (goal, contents.goals),
        (plan_action, contents.actions),
    )
    for table, rows in lines:
        if rows:
            values = [{**place, "position": n, **asdict(row)} for n, row in enumerate(rows)]
            session.execute(insert(table), values)


def _goals(session: Session, plan_id: str, version: int) -> list[Goal]:
    mine = select(goal).where(goal.c.plan_id == plan_id, goal.c.version == version)
    return [
        Goal(**{name: plain(getattr(row, name)) for name in Goal.__annotations__})
        for row in session.execute(mine.order_by(goal.c.position))
    ]


def _actions(session: Session, plan_id: str, version: int) -> list[Action]:
    mine = select(plan_action).where(plan_action.c.plan_id == plan_id, plan_action.c.version == version)
    return [
        Action(**{name: getattr(row, name) for name in Action.__annotations__})
        for row in session.execute(mine.order_by(plan_action.c.position))
    ]
