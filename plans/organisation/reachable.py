"""Who can be reached by e-mail, and what they want to be told that way."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, exists, or_, select, update
from sqlalchemy.orm import Session

from engine import FieldProblem, Invalid
from engine.messages import translatable as _
from plans.organisation import people
from plans.tables import department, department_member, person, person_role

NOTHING, MINE, ALL = "nothing", "mine", "all"
WISHES = (NOTHING, MINE, ALL)
LONGEST = 254
_PART = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
ADDRESS = re.compile(rf"{_PART}(?:\.{_PART})*@{_LABEL}(?:\.{_LABEL})*", re.ASCII)
"""What RFC 5321 calls a mailbox, without quoted parts, which no organisation gives out."""


@dataclass(frozen=True)
class Reachable:
    """A person with an address. ``wish`` is nothing, mine or all; ``language`` None where none was chosen."""

    name: str
    display_name: str
    email: str
    language: str | None
    wish: str


_COLUMNS = (person.c.name, person.c.display_name, person.c.email, person.c.language, person.c.mail_about)


def reachable(session: Session, names: Collection[str]) -> list[Reachable]:
    """Those of these people who are active and have an address, by name."""
    wanted = _with_address().where(person.c.name.in_(sorted(names)))
    return [Reachable(*row) for row in session.execute(wanted)]


def wanting_everything(session: Session) -> list[Reachable]:
    """Everybody with an address who wants to be told everything and has a role or department: they see all plans."""
    wanted = _with_address().where(
        person.c.mail_about == ALL,
        or_(
            exists().where(person_role.c.person == person.c.name),
            exists().where(department_member.c.person == person.c.name),
            exists().where(department.c.head == person.c.name),
        ),
    )
    return [Reachable(*row) for row in session.execute(wanted)]


def set_mail(session: Session, name: str, email: str, wish: str) -> None:
    """Say where a person gets letters ("" for nowhere), and about what. Raises Invalid naming the field."""
    people.require(session, name)
    address = email.strip()
    problems = []
    if address and (len(address) > LONGEST or not ADDRESS.fullmatch(address)):
        problems.append(FieldProblem("email", _("Write an address such as name@example.com.")))
    if wish not in WISHES:
        problems.append(FieldProblem("mail_about", _("This is not one of the choices.")))
    if problems:
        raise Invalid(_("Some fields are not right."), problems)
    values = {"email": address or None, "mail_about": wish}
    session.execute(update(person).where(person.c.name == name).values(values))


def mail_of(session: Session, name: str) -> tuple[str, str]:
    """Where a person gets letters ("" for nowhere), and about what."""
    row = session.execute(select(person.c.email, person.c.mail_about).where(person.c.name == name)).one()
    return row.email or "", row.mail_about


def _with_address() -> Select[Any]:
    return (
        select(*_COLUMNS)
        .where(person.c.active, person.c.email.is_not(None), person.c.email != "")
        .order_by(person.c.name)
    )
