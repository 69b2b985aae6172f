"""The organisation as the engine sees it: people with their groups, read from SQL."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import literal, select, union
from sqlalchemy.orm import Session

from engine import Person
from plans.organisation.roles import DEPARTMENT, DEPARTMENT_HEAD
from plans.tables import department, department_member, person, person_role

HEADS = "department_head"


class OrganisationDirectory:
    """Implements :class:`engine.directory.Directory` inside the session's transaction.

    Groups of a person are their roles, ``department:<id>`` for each department they belong to,
    and ``department_head:<id>`` and ``department_head`` for those they head.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    def person(self, user: str) -> Person | None:
        """The person with this name, active or not, or None."""
        row = self._session.execute(select(person).where(person.c.name == user)).one_or_none()
        if row is None:
            return None
        return Person(
            name=row.name,
            display_name=row.display_name,
            groups=self._groups(user),
            superior=row.superior,
            language=row.language,
            active=row.active,
        )

    def display_names(self, users: Collection[str]) -> Mapping[str, str]:
        """How these people are shown, by their names, active or not; of those that there are."""
        wanted = select(person.c.name, person.c.display_name).where(person.c.name.in_(sorted(users)))
        return {row.name: row.display_name for row in self._session.execute(wanted)}

    def members(self, group: str) -> list[str]:
        """Names of the active people in a group, sorted; none for a group that does not exist."""
        if group.startswith(DEPARTMENT):
            among = select(department_member.c.person).where(
                department_member.c.department == group.removeprefix(DEPARTMENT)
            )
        elif group.startswith(DEPARTMENT_HEAD):
            among = select(department.c.head).where(department.c.id == group.removeprefix(DEPARTMENT_HEAD))
        else:
            among = select(person_role.c.person).where(person_role.c.role == group)
        found = set(self._active(among))
        if group == HEADS:
            found.update(self._active(select(department.c.head).where(department.c.head.is_not(None))))
        return sorted(found)

    def _active(self, among: object) -> list[str]:
        wanted = select(person.c.name).where(person.c.active, person.c.name.in_(among))  # type: ignore[arg-type]
        return list(self._session.scalars(wanted))

    def _groups(self, user: str) -> frozenset[str]:
        heads = department.c.head == user
        return frozenset(
            self._session.scalars(
                union(
                    select(person_role.c.role).where(person_role.c.person == user),
                    select(literal(DEPARTMENT) + department_member.c.department).where(
                        department_member.c.person == user
                    ),
                    select(literal(DEPARTMENT_HEAD) + department.c.id).where(heads),
                    select(literal(HEADS)).where(select(department.c.id).where(heads).exists()),
                )
            )
        )
