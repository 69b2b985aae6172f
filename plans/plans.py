"""Plans (計劃): drafted, put in force, superseded by a new version, released.

A plan belongs to one owner and one period. It has at most one draft and one version in force; the database
itself refuses a second one, whatever two transactions try at once.
"""

from __future__ import annotations

import uuid
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from engine import FieldProblem, Invalid, NotFound
from engine.messages import translatable
from engine.storage.prepared import Prepared
from engine.storage.tables import instance
from plans import indicators, versions
from plans.contents import Contents
from plans.organisation import people
from plans.periods import Period
from plans.refusals import NothingDrafted, NotInForce, PlanExists
from plans.tables import plan

DRAFT, IN_FORCE, RELEASED = "draft", "in_force", "released"
EFFECTIVE = (IN_FORCE, RELEASED)
"""The states of a plan that has a version in force."""


@dataclass(frozen=True)
class Plan:
    """A plan without its contents. ``instance_id`` is the process instance that drafts or drafted it."""

    id: str
    kind: str
    year: int
    quarter: int | None
    month: int | None
    reference: str
    title: str
    owner: str
    status: str
    instance_id: str | None
    created_at: datetime
    updated_at: datetime
    released_at: datetime | None

    @property
    def period(self) -> Period:
        """The time that the plan covers."""
        return Period(self.kind, self.year, self.quarter, self.month)

    @property
    def is_in_force(self) -> bool:
        """Whether people have to work by it; a released plan is in force too."""
        return self.status in EFFECTIVE


COLUMNS = [plan.c[name] for name in Plan.__annotations__]
_WANTED = select(*COLUMNS).where(plan.c.id == bindparam("plan_id"))
_GET, _GET_LOCKED = Prepared(_WANTED), Prepared(_WANTED.with_for_update())
_OF_OWNER = Prepared(
    select(*COLUMNS)
    .where(plan.c.reference == bindparam("reference"), plan.c.owner == bindparam("owner"))
    .with_for_update()
)
_IN_FORCE = Prepared(
    select(*COLUMNS)
    .where(plan.c.reference == bindparam("reference"), or_(*(plan.c.status == s for s in EFFECTIVE)))
    .order_by(plan.c.created_at.desc(), plan.c.id)
)
_RUNNING = Prepared(
    select(instance.c.id).where(instance.c.id == bindparam("instance_id"), instance.c.status == "active")
)


def get(session: Session, plan_id: str, *, lock: bool = False) -> Plan:
    """The plan with this id, its row locked until the transaction ends if asked. Raises :class:`NotFound`."""
    row = (_GET_LOCKED if lock else _GET).first(session, plan_id=plan_id)
    if row is None:
        raise NotFound(translatable("There is no plan %(id)s."), id=plan_id)
    return Plan(*row)


def get_in_force(session: Session, plan_id: str, *, lock: bool = False) -> Plan:
    """Like :func:`get`, but raises :class:`NotInForce` for a plan that is only a draft."""
    found = get(session, plan_id, lock=lock)
    if not found.is_in_force:
        raise not_in_force(found)
    return found


def not_in_force(found: Plan) -> NotInForce:
    """The refusal for a plan that is only a draft."""
    message = translatable("The plan %(reference)s of %(owner)s is not in force.")
    return NotInForce(message, reference=found.reference, owner=found.owner)


def draft(
    session: Session, period: Period, title: str, owner: str, instance_id: str | None, now: datetime
) -> Plan:
    """Begin the plan of a period, or take over a draft that no process works on any more.

    Raises :class:`PlanExists` when it is in force or another running instance drafts it, and
    :class:`Invalid` when there is no such owner.
    """
    if not people.exists(session, owner):
        message = translatable("There is no person %(name)s.")
        raise Invalid(message, [FieldProblem("owner", message, {"name": owner})], name=owner)
    existing = _of_owner(session, period, owner)
    if existing is None:
        return _create(session, period, title, owner, instance_id, now)
    _refuse_unless_free(session, existing, instance_id)
    _change(session, existing.id, now, title=title, instance_id=instance_id)
    return get(session, existing.id)


def save(session: Session, plan_id: str, contents: Contents, now: datetime) -> int:
    """Write what the draft says and return its version. Raises :class:`PlanExists` once it is in force."""
    found = get(session, plan_id, lock=True)
    if found.is_in_force:
        raise _already_in_force(found)
    existing = versions.find(session, plan_id, versions.DRAFT)
    _change(session, plan_id, now)
    if existing is None:
        return versions.add(session, plan_id, versions.DRAFT, contents, now)
    versions.rewrite_draft(session, existing, contents, now)
    return existing.version


def put_in_force(session: Session, plan_id: str, approved_by: str | None, now: datetime) -> int:
    """Let the draft take effect in place of the former version (policy A8); return its number.

    The measures of its goals become indicators (policy K1). Raises :class:`NothingDrafted`.
    """
    found = get(session, plan_id, lock=True)
    drafted = versions.find(session, plan_id, versions.DRAFT)
    if drafted is None:
        message = translatable("The plan %(reference)s has no draft that could be put in force.")
        raise NothingDrafted(message, reference=found.reference)
    versions.supersede(session, plan_id, now)
    versions.bring_into_force(session, drafted, approved_by, now)
    mark_in_force(session, found, versions.read(session, plan_id, drafted.version), now)
    return drafted.version


def mark_in_force(session: Session, changed: Plan, contents: Contents, now: datetime) -> None:
    """Note that new contents of a plan are in force: its state, and the indicators its goals need."""
    _change(session, changed.id, now, status=changed.status if changed.is_in_force else IN_FORCE)
    indicators.follow_goals(session, changed.period, contents.goals)


def mark_released(session: Session, plan_id: str, now: datetime) -> Plan:
    """Note that the plan was released to the team (policy M6). Raises :class:`NotInForce`."""
    get_in_force(session, plan_id, lock=True)
    _change(session, plan_id, now, status=RELEASED, released_at=now)
    return get(session, plan_id)


def find_in_force(session: Session, period: Period, owner: str | None = None) -> Plan | None:
    """The plan in force for a period: this owner's, else their nearest superior's, else the newest."""
    found = [Plan(*row) for row in _IN_FORCE.all(session, reference=period.reference)]
    if owner is not None:
        for name in (owner, *people.superiors(session, owner)):
            for candidate in found:
                if candidate.owner == name:
                    return candidate
    return found[0] if found else None


def in_period(period: Period) -> ColumnElement[bool]:
    """The condition that a plan is in force for exactly this period."""
    return (plan.c.reference == period.reference) & plan.c.status.in_(EFFECTIVE)


def _of_owner(session: Session, period: Period, owner: str) -> Plan | None:
    row = _OF_OWNER.first(session, reference=period.reference, owner=owner)
    return Plan(*row) if row is not None else None


def _create(
    session: Session, period: Period, title: str, owner: str, instance_id: str | None, now: datetime
) -> Plan:
    made = Plan(
        id=str(uuid.uuid4()),
        kind=period.kind,
        year=period.year,
        quarter=period.quarter,
        month=period.month,
        reference=period.reference,
        title=title,
        owner=owner,
        status=DRAFT,
        instance_id=instance_id,
        created_at=now,
        updated_at=now,
        released_at=None,
    )
    try:
        with session.begin_nested():
            session.execute(insert(plan).values(asdict(made)))
    except IntegrityError as clash:  # another transaction began the same plan and was first
        raise _already_drafted(period.reference, owner) from clash
    return made


def _refuse_unless_free(session: Session, existing: Plan, instance_id: str | None) -> None:
    if existing.is_in_force:
        raise _already_in_force(existing)
    if existing.instance_id == instance_id:
        return
    if _RUNNING.first(session, instance_id=existing.instance_id) is not None:
        raise _already_drafted(existing.reference, existing.owner)


def _already_in_force(existing: Plan) -> PlanExists:
    message = translatable(
        "The plan %(reference)s of %(owner)s is already in force; apply for an adjustment."
    )
    return PlanExists(message, reference=existing.reference, owner=existing.owner)


def _already_drafted(reference: str, owner: str) -> PlanExists:
    message = translatable("The plan %(reference)s of %(owner)s is already being drafted.")
    return PlanExists(message, reference=reference, owner=owner)


def _change(session: Session, plan_id: str, now: datetime, **values: Any) -> None:
    session.execute(update(plan).where(plan.c.id == plan_id).values(updated_at=now, **values))
