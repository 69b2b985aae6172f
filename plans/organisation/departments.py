"""Departments (部門): who belongs to each, and who heads it."""

from __future__ import annotations

import re

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from engine import Conflict, FieldProblem, Invalid, NotFound
from engine.messages import translatable
from plans.organisation import people
from plans.tables import department, department_member

ID = re.compile(r"[a-z][a-z0-9_]{0,99}")


def create_department(session: Session, department_id: str, name: str, head: str | None = None) -> None:
    """Add a department; its head becomes a member. Raises :class:`Invalid`, :class:`Conflict`."""
    if not ID.fullmatch(department_id):
        message = translatable("A department's id has lower-case letters, digits and _ only.")
        raise Invalid(message, [FieldProblem("id", message)])
    if exists(session, department_id):
        raise Conflict(translatable("There is already a department %(id)s."), id=department_id)
    session.execute(insert(department).values(id=department_id, name=name))
    set_head(session, department_id, head)


def set_head(session: Session, department_id: str, head: str | None) -> None:
    """Make a person the head, and a member, of a department."""
    require(session, department_id)
    if head is not None:
        people.require(session, head)
    session.execute(update(department).where(department.c.id == department_id).values(head=head))
    if head is not None:
        add_member(session, department_id, head)


def add_member(session: Session, department_id: str, name: str) -> None:
    """Make a person a member; nothing changes for one who is."""
    require(session, department_id)
    people.require(session, name)
    if name not in members(session, department_id):
        session.execute(insert(department_member).values(department=department_id, person=name))


def remove_member(session: Session, department_id: str, name: str) -> None:
    """Take a person out of a department; nothing changes for one who is not in it."""
    session.execute(
        delete(department_member).where(
            department_member.c.department == department_id, department_member.c.person == name
        )
    )


def members(session: Session, department_id: str) -> list[str]:
    """Names of the members, sorted."""
    mine = select(department_member.c.person).where(department_member.c.department == department_id)
    return sorted(session.scalars(mine))


def exists(session: Session, department_id: str) -> bool:
    """Whether there is such a department."""
    found = select(department.c.id).where(department.c.id == department_id)
    return ID.fullmatch(department_id) is not None and session.scalar(found) is not None


def require(session: Session, department_id: str) -> None:
    """Raise :class:`NotFound` unless there is such a department."""
    if not exists(session, department_id):
        raise NotFound(translatable("There is no department %(id)s."), id=department_id)
