"""Names of people and groups as they are shown, looked up once for each request."""

from __future__ import annotations

from collections.abc import Iterable

from flask import Flask, g

from plans.organisation import OrganisationDirectory
from web.auth import current_actor
from web.container import services
from web.i18n import gettext
from web.pages.words import ROLES

SYSTEM = "system"


def init_app(app: Flask) -> None:
    """Give the templates the names."""
    app.jinja_env.filters["person_name"] = person_name
    app.jinja_env.filters["group_name"] = group_name
    app.jinja_env.filters["shown"] = shown
    app.jinja_env.globals["role_names"] = role_names


def person_name(user: str | None) -> str:
    """The display name of a person; the sign-in name when they are not known any more.

    Display names that are names of roles (as the demo's are) are put in the reader's language.
    """
    if not user:
        return ""
    if user == SYSTEM:
        return "PlanFlow"
    known: dict[str, str] = g.setdefault("person_names", {})
    if user not in known:
        with services().session() as session:
            person = OrganisationDirectory(session).person(user)
        known[user] = shown(person.display_name) if person else user
    return known[user]


def shown(display_name: str | None) -> str:
    """A display name that is at hand already; one that names a role is put in the reader's language.

    Roles may be numbered: ``Team member 2``.
    """
    if not display_name:
        return ""
    role, _space, number = display_name.rpartition(" ")
    if number.isdigit() and gettext(role) != role:
        return f"{gettext(role)} {number}"
    return gettext(display_name)


def group_name(group: str) -> str:
    """A group as people call it: its role, or the department."""
    if group in ROLES:
        return str(ROLES[group])
    kind, _, department = group.partition(":")
    if kind == "department":
        return gettext("Department: %(department)s", department=department_name(department))
    if kind == "department_head":
        return gettext("Head of department: %(department)s", department=department_name(department))
    return group


def department_name(department_id: str) -> str:
    """The name of a department; its id when it is not known any more."""
    if "department_names" not in g:
        with services().reading_plans(current_actor()) as queries:
            g.department_names = {one.id: one.name for one in queries.departments()}
    return shown(g.department_names.get(department_id, department_id))


def role_names(groups: Iterable[str]) -> list[str]:
    """The roles among some groups, in the order of the policy."""
    held = set(groups)
    return [str(label) for role, label in ROLES.items() if role in held]
