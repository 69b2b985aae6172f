"""Reading plans, notices and the organisation, as one person may see them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, func, select
from sqlalchemy.orm import Session

from engine import Actor, NotFound
from engine.cursors import Order, fetch
from engine.messages import translatable
from engine.views import Page
from plans import evaluations, figures, progress, versions
from plans.comparison import compare
from plans.contents import Contents
from plans.evaluations import Evaluation
from plans.figures import Figure
from plans.plans import DRAFT, EFFECTIVE, IN_FORCE, Plan
from plans.tables import (
    confirmation,
    department,
    department_member,
    filing,
    goal,
    notice,
    notice_recipient,
    person,
    person_role,
    plan,
    plan_version,
)
from plans.versions import SUPERSEDED, Version
from plans.views import (
    Confirmation,
    DepartmentSummary,
    DepartmentView,
    NoticeView,
    PersonView,
    PlanDetail,
    PlanSummary,
    VersionComparison,
)
from plans.visibility import get_visible, visible_to

BY_CHANGE = Order("plans", plan.c.updated_at, plan.c.id, descending=True)
BY_SENDING = Order("notices", notice.c.sent_at, notice.c.id, descending=True)


class PlanQueries:
    """Questions about plans, asked by ``actor`` inside the session's transaction."""

    def __init__(self, session: Session, actor: Actor) -> None:
        self._session = session
        self._actor = actor

    def plans(
        self,
        *,
        kind: str | None = None,
        year: int | None = None,
        status: str | None = None,
        owner: str | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[PlanSummary]:
        """Plans, the last changed first. ``status`` in_force takes the released ones in."""
        conditions = [visible_to(self._actor)]
        conditions += [plan.c.kind == kind] if kind else []
        conditions += [plan.c.year == year] if year else []
        conditions += [plan.c.owner == owner] if owner else []
        if status:
            conditions.append(plan.c.status.in_(EFFECTIVE if status == IN_FORCE else (status,)))
        rows, following = fetch(self._session, _summaries().where(*conditions), BY_CHANGE, cursor, limit)
        return Page(tuple(_summary(row) for row in rows), following)

    def find(self, plan_id: str) -> PlanSummary | None:
        """One plan in short, or None for one that this person may not see."""
        wanted = _summaries().where(plan.c.id == plan_id, visible_to(self._actor))
        row = self._session.execute(wanted).one_or_none()
        return _summary(row) if row is not None else None

    def plan(self, plan_id: str, version: int | None = None, *, today: date) -> PlanDetail:
        """One plan; without ``version`` the one in force, else the draft.

        Raises :class:`NotFound` for a plan that this person may not see and a version that does not exist.
        """
        found = get_visible(self._session, plan_id, self._actor)
        all_versions = versions.list_versions(self._session, plan_id)
        shown = _chosen(all_versions, version)
        contents = versions.read(self._session, plan_id, shown.version) if shown else Contents()
        return PlanDetail(
            plan=self._summary_of(plan_id),
            shown=shown,
            versions=all_versions,
            document=contents.document,
            goals=progress.of_goals(self._session, found.period, contents.goals, today),
            actions=contents.actions,
            resources=contents.resources,
            risks=contents.risks,
            filed_with=self._filed_with(plan_id),
            confirmations=self._confirmations(plan_id),
            released_at=found.released_at,
            names=self._names(_mentioned(found, contents, all_versions)),
        )

    def compare(self, plan_id: str, older: int, newer: int) -> VersionComparison:
        """What changed between two versions of a plan. Raises :class:`NotFound` as :meth:`plan` does."""
        get_visible(self._session, plan_id, self._actor)
        found = versions.list_versions(self._session, plan_id)
        first, second = _numbered(found, older), _numbered(found, newer)
        return VersionComparison(
            plan=self._summary_of(plan_id),
            older=first,
            newer=second,
            changes=compare(
                versions.read(self._session, plan_id, older), versions.read(self._session, plan_id, newer)
            ),
        )

    def notices(
        self, *, unread: bool = False, cursor: str | None = None, limit: int = 50
    ) -> Page[NoticeView]:
        """The actor's own notices, newest first."""
        conditions: list[ColumnElement[bool]] = [notice_recipient.c.person == self._actor.user]
        conditions += [notice_recipient.c.read_at.is_(None)] if unread else []
        rows, following = fetch(self._session, _notices().where(*conditions), BY_SENDING, cursor, limit)
        fields = NoticeView.__annotations__
        found = [NoticeView(**{name: getattr(row, name) for name in fields}) for row in rows]
        return Page(tuple(found), following)

    def unread_notices(self) -> int:
        """How many of the actor's notices are unread."""
        mine = (notice_recipient.c.person == self._actor.user) & notice_recipient.c.read_at.is_(None)
        return self._session.scalar(select(func.count()).where(mine)) or 0

    def figures(self, year: int, quarter: int) -> list[Figure]:
        """The indicators of a quarter with their rates."""
        return figures.of_quarter(self._session, year, quarter)

    def evaluations(self, limit: int = 20) -> list[Evaluation]:
        """The evaluation reports filed last."""
        return evaluations.list_evaluations(self._session, limit)

    def people(self) -> list[PersonView]:
        """Everybody, by sign-in name. Addresses are shown to administrators and to oneself."""
        superior = person.alias()
        wanted = select(person, superior.c.display_name.label("superior_name")).outerjoin(
            superior, superior.c.name == person.c.superior
        )
        roles = self._gathered(person_role.c.person, person_role.c.role)
        belongs = self._gathered(department_member.c.person, department_member.c.department)
        return [
            PersonView(
                name=row.name,
                display_name=row.display_name,
                roles=roles.get(row.name, ()),
                departments=belongs.get(row.name, ()),
                superior=row.superior,
                superior_name=row.superior_name,
                email=row.email if self._may_see_address(row.name) else None,
                language=row.language,
                active=row.active,
            )
            for row in self._session.execute(wanted.order_by(person.c.name))
        ]

    def departments(self) -> list[DepartmentView]:
        """All departments by name, with their members."""
        wanted = select(department, person.c.display_name).outerjoin(
            person, person.c.name == department.c.head
        )
        members = self._gathered(department_member.c.department, department_member.c.person)
        return [
            DepartmentView(row.id, row.name, row.head, row.display_name, members.get(row.id, ()))
            for row in self._session.execute(wanted.order_by(department.c.name))
        ]

    def names(self, of: Iterable[str]) -> dict[str, str]:
        """Display names by sign-in name; names that are not known are left out."""
        return self._names(set(of))

    def _summary_of(self, plan_id: str) -> PlanSummary:
        return _summary(self._session.execute(_summaries().where(plan.c.id == plan_id)).one())

    def _filed_with(self, plan_id: str) -> list[DepartmentSummary]:
        wanted = select(department.c.id, department.c.name).join(
            filing, filing.c.department == department.c.id
        )
        rows = self._session.execute(wanted.where(filing.c.plan_id == plan_id).order_by(department.c.name))
        return [DepartmentSummary(*row) for row in rows]

    def _confirmations(self, plan_id: str) -> list[Confirmation]:
        wanted = select(confirmation.c.person, person.c.display_name, confirmation.c.confirmed_at).join(
            person, person.c.name == confirmation.c.person
        )
        mine = wanted.where(confirmation.c.plan_id == plan_id)
        return [Confirmation(*row) for row in self._session.execute(mine.order_by(confirmation.c.person))]

    def _names(self, names: set[str]) -> dict[str, str]:
        wanted = select(person.c.name, person.c.display_name).where(person.c.name.in_(names))
        return dict(self._session.execute(wanted).all())

    def _gathered(self, key: ColumnElement[str], value: ColumnElement[str]) -> dict[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        for owner, item in self._session.execute(select(key, value).order_by(key, value)):
            found[owner] = (*found.get(owner, ()), item)
        return found

    def _may_see_address(self, name: str) -> bool:
        return name == self._actor.user or self._actor.belongs_to("administrator")


def _summaries() -> Select[Any]:
    shown = plan_version.alias()
    goals = select(func.count()).where(goal.c.plan_id == plan.c.id, goal.c.version == shown.c.version)
    speaks = and_(shown.c.plan_id == plan.c.id, shown.c.status == func.coalesce(_speaking(), DRAFT))
    columns = [plan.c[name] for name in PlanSummary.__annotations__ if name in plan.c]
    return (
        select(
            *columns,
            person.c.display_name.label("owner_name"),
            shown.c.version,
            shown.c.in_force_from,
            goals.scalar_subquery().label("goals"),
        )
        .join(person, person.c.name == plan.c.owner)
        .outerjoin(shown, speaks)
    )


def _speaking() -> ColumnElement[str]:
    """The status of the version that speaks for a plan: in force if there is such a one."""
    mine = plan_version.c.plan_id == plan.c.id
    wanted = select(plan_version.c.status).where(mine, plan_version.c.status == IN_FORCE)
    return wanted.correlate(plan).scalar_subquery()


def _summary(row: Row[Any]) -> PlanSummary:
    return PlanSummary(**{name: getattr(row, name) for name in PlanSummary.__annotations__})


def _notices() -> Select[Any]:
    return (
        select(
            notice.c.id,
            notice.c.subject,
            notice.c.body,
            notice.c.plan_id,
            notice.c.instance_id,
            notice.c.sent_by,
            func.coalesce(person.c.display_name, notice.c.sent_by).label("sent_by_name"),
            notice.c.sent_at,
            notice_recipient.c.read_at,
        )
        .join(notice_recipient, notice_recipient.c.notice_id == notice.c.id)
        .outerjoin(person, person.c.name == notice.c.sent_by)
    )


def _chosen(found: list[Version], number: int | None) -> Version | None:
    if number is not None:
        return _numbered(found, number)
    return next((each for each in found if each.status != SUPERSEDED), None)


def _numbered(found: list[Version], number: int) -> Version:
    for each in found:
        if each.version == number:
            return each
    raise NotFound(translatable("The plan has no version %(version)d."), version=number)


def _mentioned(found: Plan, contents: Contents, all_versions: list[Version]) -> set[str]:
    names: list[str | None] = [found.owner, *(each.approved_by for each in all_versions)]
    names += [each.owner for each in contents.goals] + [each.owner for each in contents.actions]
    return {name for name in names if name}
