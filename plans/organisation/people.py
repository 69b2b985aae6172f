"""People: who they are, what roles they have, and who is whose superior (上級領導)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from engine import Actor, Conflict, FieldProblem, Invalid, NotFound
from engine.messages import translatable
from engine.storage.prepared import Prepared
from plans.organisation.directory import OrganisationDirectory
from plans.organisation.roles import ROLES
from plans.tables import person, person_role

NAME = re.compile(r"[a-z0-9][a-z0-9._@-]{0,99}")
LONGEST_LINE = 200
RESERVED = frozenset({"system"})


def _chain_above() -> Select[Any]:
    """Each person from one upwards, with their superior."""
    first = select(person.c.superior, person.c.name).where(person.c.name == bindparam("user"))
    above = first.cte(recursive=True)
    above = above.union(select(person.c.superior, person.c.name).where(person.c.name == above.c.superior))
    return select(above.c.name, above.c.superior)


_ABOVE = Prepared(_chain_above())
_EXISTS = Prepared(select(person.c.name).where(person.c.name == bindparam("user")))
_TEAM = Prepared(
    select(person.c.name)
    .where(person.c.superior == bindparam("user"), person.c.active)
    .order_by(person.c.name)
)


def create_person(
    session: Session,
    name: str,
    *,
    now: datetime,
    display_name: str | None = None,
    roles: Iterable[str] = (),
    superior: str | None = None,
    email: str | None = None,
    language: str | None = None,
) -> None:
    """Add an active person, who cannot sign in until a password is set.

    Raises :class:`Invalid` for a name outside ``a-z 0-9 . _ @ -``, an unknown role or superior, and
    :class:`Conflict` for a name that is taken.
    """
    if not NAME.fullmatch(name) or name in RESERVED:
        message = translatable("A name has lower-case letters, digits and . _ @ - only, and is not reserved.")
        raise _wrong("name", message)
    if exists(session, name):
        raise Conflict(translatable("There is already a person with the name %(name)s."), name=name)
    shown = name.replace("_", " ").capitalize() if display_name is None else checked_line(display_name)
    session.execute(
        insert(person).values(
            name=name,
            display_name=shown,
            email=email,
            language=language,
            active=True,
            created_at=now,
        )
    )
    set_roles(session, name, roles)
    set_superior(session, name, superior)


def update_profile(
    session: Session, name: str, *, display_name: str, email: str | None, language: str | None
) -> None:
    """Change how a person is shown and reached."""
    require(session, name)
    values = {"display_name": checked_line(display_name), "email": email, "language": language}
    session.execute(update(person).where(person.c.name == name).values(values))


def checked_line(text: str, field: str = "display_name") -> str:
    """A name as people are to read it: one line of 1 to 200 characters, all of them visible.

    Raises :class:`Invalid`.
    """
    line = text.strip()
    if not line:
        raise _wrong(field, translatable("This field is required."))
    if len(line) > LONGEST_LINE or not line.isprintable():
        raise _wrong(field, translatable("Write one line of at most 200 characters."))
    return line


def set_language(session: Session, name: str, language: str | None) -> None:
    """Choose the language in which a person is addressed; None leaves it to their browser."""
    require(session, name)
    session.execute(update(person).where(person.c.name == name).values(language=language))


def languages(session: Session, names: Iterable[str]) -> dict[str, str | None]:
    """The language that each of these people has chosen, if they have."""
    rows = session.execute(select(person.c.name, person.c.language).where(person.c.name.in_(sorted(names))))
    return {row.name: row.language for row in rows}


def set_roles(session: Session, name: str, roles: Iterable[str]) -> None:
    """Give a person exactly these roles. Raises :class:`Invalid` for a role that does not exist."""
    require(session, name)
    wanted = sorted(set(roles))
    for role in wanted:
        if role not in ROLES:
            raise _wrong("roles", translatable("There is no role %(role)s."), role=role)
    session.execute(delete(person_role).where(person_role.c.person == name))
    if wanted:
        session.execute(insert(person_role), [{"person": name, "role": role} for role in wanted])


def set_superior(session: Session, name: str, superior: str | None) -> None:
    """Say whose review this person's plans go to. A circle of superiors is refused with :class:`Invalid`."""
    require(session, name)
    if superior is not None:
        if not NAME.fullmatch(superior) or not exists(session, superior):
            raise _wrong("superior", translatable("There is no person %(name)s."), name=superior)
        if name in (superior, *superiors(session, superior)):
            message = translatable("%(superior)s reports to %(name)s; superiors cannot go in a circle.")
            raise _wrong("superior", message, superior=superior, name=name)
    session.execute(update(person).where(person.c.name == name).values(superior=superior))


def set_active(session: Session, name: str, active: bool) -> None:
    """Let a person in or keep them out; people are never deleted, since the history names them."""
    require(session, name)
    session.execute(update(person).where(person.c.name == name).values(active=active))


def exists(session: Session, name: str) -> bool:
    """Whether there is a person with this name, active or not."""
    return _EXISTS.first(session, user=name) is not None


def require(session: Session, name: str) -> None:
    """Raise :class:`NotFound` unless there is a person with this name."""
    if not NAME.fullmatch(name) or not exists(session, name):
        raise NotFound(translatable("There is no person %(name)s."), name=name)


def superiors(session: Session, name: str) -> list[str]:
    """The chain of superiors, nearest first."""
    step: dict[str, str | None] = dict(_ABOVE.all(session, user=name))
    chain: list[str] = []
    current = step.get(name)
    while current is not None:
        chain.append(current)
        current = step.get(current)
    return chain


def team(session: Session, name: str) -> list[str]:
    """The active people whose direct superior this is, sorted."""
    return [row.name for row in _TEAM.all(session, user=name)]


def choices(session: Session, names: Iterable[str]) -> list[dict[str, str]]:
    """What a form offers to choose one of these people: ``{label, value}``, in the order given."""
    wanted = list(names)
    known = select(person.c.name, person.c.display_name).where(person.c.name.in_(wanted))
    shown = {row.name: row.display_name for row in session.execute(known)}
    return [{"label": shown.get(name, name), "value": name} for name in wanted]


def actor(session: Session, name: str) -> Actor | None:
    """The person as one who gives commands; None when unknown or no longer active."""
    found = OrganisationDirectory(session).person(name)
    return Actor(found.name, found.groups, found.display_name) if found and found.active else None


def _wrong(field: str, template: str, **params: str) -> Invalid:
    return Invalid(template, [FieldProblem(field, template, params)], **params)
